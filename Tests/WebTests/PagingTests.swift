import Testing
import Web

@Suite("Parts of lists") struct PagingTests {
  private func paging(_ query: String) throws -> Paging { try Paging(WebRequest(target: "/?\(query)")) }

  @Test("Parts by id follow each other without a gap, also if an element is gone") func ids() throws {
    let all = ["a", "b", "c", "d", "e"]
    let first = try paging("limit=2").part(of: all) { $0 }
    #expect(Array(first.elements) == ["a", "b"] && first.next == "b")
    let second = try paging("limit=2&cursor=b").part(of: ["a", "c", "d", "e"]) { $0 }
    #expect(Array(second.elements) == ["c", "d"] && second.next == "d")
    let third = try paging("limit=2&cursor=d").part(of: all) { $0 }
    #expect(Array(third.elements) == ["e"] && third.next == nil)
    let beyond = try paging("cursor=z").part(of: all) { $0 }
    #expect(beyond.elements.isEmpty && beyond.next == nil)
    let exact = try paging("limit=5").part(of: all) { $0 }
    #expect(exact.elements.count == 5 && exact.next == nil)
  }

  @Test("Parts by place") func places() throws {
    let all = [10, 11, 12]
    let first = try paging("limit=2").part(of: all)
    #expect(Array(first.elements) == [10, 11] && first.next == "2")
    let second = try paging("limit=2&cursor=2").part(of: all)
    #expect(Array(second.elements) == [12] && second.next == nil)
    let beyond = try paging("cursor=9223372036854775807").part(of: all)
    #expect(beyond.elements.isEmpty && beyond.next == nil)
  }

  @Test("A part has 100 elements if no limit is given") func standard() throws {
    #expect(try paging("").limit == 100)
    #expect(try paging("limit=1000").limit == 1000)
  }

  @Test(
    "Other limits are refused",
    arguments: ["0", "1001", "-1", "x", "", "1e3", "+5", "007", "99999999999999999999"])
  func limits(text: String) {
    #expect(throws: WebProblem.self) { try paging("limit=\(text)") }
  }

  @Test("A cursor that no answer gave is refused", arguments: ["x", "-1", "01", "99999999999999999999"])
  func cursors(text: String) throws {
    let paging = try paging("cursor=\(text)")
    #expect(throws: WebProblem.self) { try paging.part(of: [1, 2, 3]) }
  }
}
