import Decoding
import Storage

extension RulesHistory.Retry {
  /// The number of the block with the decision.
  var decision: Int64 { blocks.upperBound }

  /// Whether it reads every message that an earlier decision reads, in the same way. Somebody may decide the same every
  /// minute, and each decision needs decoders.
  func includes(_ earlier: RulesHistory.Retry) -> Bool {
    let begin = blocks.lowerBound
    guard rules == earlier.rules,
      rules.hasOtherFormats ? begin == earlier.blocks.lowerBound : begin <= earlier.blocks.lowerBound
    else { return false }
    var same = earlier.selection
    same.received = selection.received
    same.eventsFrom = selection.eventsFrom
    return same == selection
      && selection.received.lowerBound <= earlier.selection.received.lowerBound
      && selection.received.upperBound >= earlier.selection.received.upperBound
      && selection.eventsFrom ?? .distantPast <= earlier.selection.eventsFrom ?? .distantPast
  }

  /// Whether it was decided after a decision to read all messages anew. An earlier one is superseded.
  func isAfter(_ rereading: RulesHistory.Rereading?) -> Bool {
    rereading.map { $0.blocks.upperBound < decision } ?? true
  }
}
