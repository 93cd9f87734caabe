/// A column of numbers that mostly go on as they did: each is written as its difference from the one before
/// it in its stream, or as how much that difference changed, whichever takes fewer bytes over the column. A
/// stream's first number is written as its difference from the first of the stream before.
struct DeltaColumn {
  private var differences = ByteColumn()
  private var changes = ByteColumn()
  private var predictor = DeltaPredictor()

  private static let differing: UInt8 = 0
  private static let changing: UInt8 = 1

  mutating func append(_ value: Int64, stream: Int) {
    let (difference, change) = predictor.residuals(of: value, stream: stream)
    differences.append(signed: difference)
    changes.append(signed: change)
  }

  /// The column as it is stored.
  var encoded: ByteColumn {
    var column = ByteColumn()
    let isChanging = changes.bytes.count < differences.bytes.count
    column.append(isChanging ? Self.changing : Self.differing)
    column.append(contentsOf: isChanging ? changes.bytes : differences.bytes)
    return column
  }

  /// Reads the numbers of a column back.
  struct Reader {
    private var cursor: ByteCursor
    private var predictor = DeltaPredictor()
    private let isChanging: Bool

    init(_ cursor: ByteCursor) throws(StoreError) {
      self.cursor = cursor
      switch try self.cursor.byte() {
      case DeltaColumn.differing: isChanging = false
      case DeltaColumn.changing: isChanging = true
      default: throw ByteCursor.damage
      }
    }

    mutating func next(stream: Int) throws(StoreError) -> Int64 {
      predictor.value(residual: try cursor.signed(), isChange: isChanging, stream: stream)
    }
  }
}

/// State of a column of numbers while it is written or read.
private struct DeltaPredictor {
  private var stream = -1
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var difference: Int64 = 0

  mutating func residuals(of value: Int64, stream: Int) -> (difference: Int64, change: Int64) {
    guard stream == self.stream else {
      let residual = value &- first
      begin(stream, value)
      return (residual, residual)
    }
    let step = value &- last
    let change = step &- difference
    difference = step
    last = value
    return (step, change)
  }

  mutating func value(residual: Int64, isChange: Bool, stream: Int) -> Int64 {
    guard stream == self.stream else {
      begin(stream, first &+ residual)
      return last
    }
    difference = isChange ? difference &+ residual : residual
    last = last &+ difference
    return last
  }

  /// Neighbouring streams keep the same rhythm: the difference stays.
  private mutating func begin(_ stream: Int, _ value: Int64) {
    self.stream = stream
    first = value
    last = value
  }
}
