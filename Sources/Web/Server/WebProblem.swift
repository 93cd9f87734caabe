import Reporting

/// Why a request has no answer, in the words of both languages.
public struct WebProblem: Error, Sendable {
  public var status: Int
  /// The last part of the problem's type (RFC 9457, 3.1.1): `/problems/not-found`.
  public var type: String
  public var title: (english: String, chinese: String)
  /// The remedy.
  public var detail: (english: String, chinese: String)

  /// A problem.
  public init(
    _ status: Int, _ type: String, title: (english: String, chinese: String),
    detail: (english: String, chinese: String)
  ) {
    self.status = status
    self.type = type
    self.title = title
    self.detail = detail
  }

  /// There is nothing at the path, or nothing that the viewer may see.
  public static let notFound = WebProblem(
    404, "not-found", title: ("There is no such page", "页面不存在"),
    detail: (
      "Check the address, or begin at the district's page. A factory or a machine is found by the id that the register has.",
      "请检查地址，或从园区首页进入。企业和设备按台账中的编号查找。"
    ))

  static let invalidPath = WebProblem(
    400, "invalid-path", title: ("The address is not valid", "地址无效"),
    detail: (
      "The path must be UTF-8 with percent-encoding.", "路径应为经百分号编码的 UTF-8 文本。"
    ))

  static let methodNotAllowed = WebProblem(
    405, "method-not-allowed", title: ("The page is only for reading", "本页面只供读取"),
    detail: ("Use GET or HEAD.", "请使用 GET 或 HEAD。"))

  static let busy = WebProblem(
    503, "busy", title: ("The server is busy", "服务繁忙"),
    detail: ("Try again in a few seconds.", "请稍后重试。"))

  static let tooManyViewers = WebProblem(
    503, "too-many-viewers", title: ("Too many pages are open", "打开的页面过多"),
    detail: (
      "Figures are right when a page is loaded; live updates begin when other pages are closed.",
      "页面打开时的数据有效；其他页面关闭后恢复实时更新。"
    ))

  /// A parameter with a value that it does not take.
  static func parameter(_ name: String, _ english: String, _ chinese: String) -> WebProblem {
    WebProblem(
      400, "invalid-parameter",
      title: ("The parameter '\(name)' is not valid", "参数“\(name)”无效"),
      detail: ("\(name) must be \(english).", "\(name) 应为\(chinese)。"))
  }

  /// The store could not be read.
  ///
  /// - Parameter message: the store's words; nil for viewers that are not told.
  static func failed(_ message: (english: String, chinese: String)?) -> WebProblem {
    WebProblem(
      500, "store", title: ("The store cannot be read", "无法读取存储"),
      detail: (
        message?.english.inert ?? "Tell the operator of this server, whose log has the reason.",
        message?.chinese.inert ?? "请联系本服务的管理员，原因见日志。"
      ))
  }

  /// A report could not be written in a format.
  static func format(_ ending: String, _ message: String) -> WebProblem {
    WebProblem(
      503, "format", title: ("The report cannot be made as \(ending)", "无法生成 \(ending) 格式的报告"),
      detail: (
        "\(message.inert). Other formats may be there.", "\(message.inert)。请试用其他格式。"
      ))
  }
}

/// Answers for problems: a page for people, JSON by RFC 9457 below `/api`.
package struct ErrorPages: Sendable {
  package let page: @Sendable (WebProblem, WebRequest) -> String

  /// Answers whose pages are made by `page`.
  package init(page: @escaping @Sendable (WebProblem, WebRequest) -> String) { self.page = page }

  package func response(_ problem: WebProblem, to request: WebRequest) -> WebResponse {
    var headers: [(name: String, value: String)] = [("vary", "Accept-Language")]
    if problem.status == 503 { headers.append(("retry-after", "2")) }
    guard request.path.hasPrefix("/api/") else {
      return .text(
        page(problem, request), type: "text/html; charset=utf-8", status: problem.status, headers: headers)
    }
    let terms = Terms(request.language)
    let body = JSON.object([
      ("type", .string("/problems/\(problem.type)")),
      ("title", .string(terms.pick(problem.title.english, problem.title.chinese))),
      ("status", .integer(problem.status)),
      ("detail", .string(terms.pick(problem.detail.english, problem.detail.chinese))),
      ("instance", .string(request.path)),
    ])
    return .text(
      body.serialized() + "\n", type: "application/problem+json", status: problem.status,
      headers: headers + [("content-language", request.language.tag)])
  }
}
