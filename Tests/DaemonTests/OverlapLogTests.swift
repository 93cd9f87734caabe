import Daemon
import Decoding
import Testing

@Suite("Filters that overlap") struct OverlapLogTests {
  @Test("The log names the two filters and the remedy, and nothing if none overlap") func lines() throws {
    func lines(_ templates: String...) throws -> [String] {
      let log = RecordedLog()
      log.logger.overlappingFilters(
        of: Router(try templates.map { Source(.status, template: try TopicTemplate($0)) }))
      return log.lines
    }
    #expect(try lines("a/{factory}/{equipment}", "b/{factory}/{equipment}") == [])
    #expect(
      try lines("a/{factory}/{equipment}", "{factory}/x/{equipment}") == [
        "warning: a broker may deliver messages that two filters match twice, and those without a time of their own may then count as two readings; begin the topics of the sources with a fixed level instead of a placeholder or + filters=a/# +/x/+"
      ])
  }
}
