extension Route.Parameter {
  /// Refuses a value that the parameter does not take, and several values. The API is strict, so that a mistake in a
  /// program is found; pages are not.
  ///
  /// - Throws: ``WebProblem`` that says what the parameter takes.
  func check(_ request: WebRequest) throws(WebProblem) {
    let values = request.query.filter { $0.name == name }
    guard let value = values.first?.value else { return }
    guard values.count == 1 else { throw .parameter(name, "given once", "单个值，不得重复") }
    switch kind {
    case .text: return
    case .integer(let range):
      guard let number = Int(value), range.contains(number), String(number) == value else {
        throw .parameter(
          name, "a number from \(range.lowerBound) to \(range.upperBound)",
          " \(range.lowerBound) 至 \(range.upperBound) 的整数")
      }
    case .words(let words):
      guard words.contains(value) else {
        throw .parameter(
          name, "one of " + words.joined(separator: ", "), "以下之一：" + words.joined(separator: "、"))
      }
    case .place:
      guard value.utf8.count <= 18, let place = Int(value), place >= 0, String(place) == value else {
        throw .parameter(name, "the value of 'next' in an answer", "应答中 next 的值")
      }
    }
  }
}
