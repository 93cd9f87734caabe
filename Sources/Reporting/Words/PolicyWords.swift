import Aggregation

/// Words about policies.
extension Terms {
  /// How sure it is that a policy's number is the published one.
  public func name(_ certainty: Policy.Certainty) -> String {
    switch certainty {
    case .read: pick("read in the source", "据所列来源摘录")
    case .restated: pick("restated by a third party, not read in the authority's text", "据第三方转述，未核对原文")
    case .memory: pick("from memory, not read again", "凭记忆录入，未经核对")
    }
  }

  /// How sure it is that a form has a cell in exactly these words, as a remark beside the cell.
  func remark(_ certainty: Form.Certainty) -> String {
    switch certainty {
    case .read: pick("The wording of this cell was read in the source", "本栏条文据所列来源摘录")
    case .restated:
      pick(
        "The wording of this cell is restated by a third party, not read in the authority's text",
        "本栏条文据第三方转述，未核对原文")
    case .memory: pick("The wording of this cell is from memory, not read again", "本栏条文凭记忆录入，未经核对")
    }
  }

  /// Where a policy's number comes from.
  public func text(_ origin: Policy.Origin) -> String {
    let source = pick(origin.source, origin.sourceChinese)
    return origin.certainty.map { source + pick(" (\(name($0)))", "（\(name($0))）") } ?? source
  }
}
