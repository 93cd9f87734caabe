import Reporting

/// The page that asks for a name and a password.
struct LoginPage {
  /// Why a login did not succeed.
  enum Problem {
    case wrong, tooMany

    var status: Int {
      switch self {
      case .wrong: 401
      case .tooMany: 429
      }
    }
  }

  let site: WebSite
  let call: RouteCall
  let problem: Problem?
  /// The page that follows a login.
  let next: String
  /// The name that was typed.
  let name: String

  private func pick(_ english: String, _ chinese: String) -> String {
    Terms(call.language).pick(english, chinese)
  }

  /// A path of this server to go to after a login; the first page for anything else.
  static func target(_ text: String?) -> String {
    guard let text, text.utf8.count <= 512, text.hasPrefix("/"), !text.hasPrefix("//"),
      !text.hasPrefix("/\\"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    return text
  }

  var markup: String {
    var frame = site.frame(call, nil, place: nil, title: pick("Log in", "登录"))
    frame.kind = "login"
    frame.path = "/login?next=\(WebRequest.encoded(next))"
    return frame.page { main in
      main.element("h1", text: pick("Log in", "登录"))
      if let problem { main.element("p", [("role", "alert"), ("id", "problem")], text: words(problem)) }
      main.element(
        "form",
        [("method", "post"), ("action", PageFrame.link("/login", call.language)), ("class", "controls")]
      ) { form in
        form.element("input", [("type", "hidden"), ("name", "next"), ("value", next)])
        field(
          "name", pick("Name", "账户名"),
          [
            ("autocomplete", "username"), ("autocapitalize", "none"), ("spellcheck", "false"),
            ("value", String(name.prefix(64)).inert),
          ], &form)
        field(
          "password", pick("Password", "密码"),
          [("type", "password"), ("autocomplete", "current-password")], &form)
        form.element("button", [("type", "submit")], text: pick("Log in", "登录"))
      }
      main.element(
        "p", [("class", "faint")],
        text: pick(
          "Accounts are given by the administrator: millwright user add.", "账户由管理员添加：millwright user add。"))
    }
  }

  private func words(_ problem: Problem) -> String {
    switch problem {
    case .wrong: pick("Name or password is wrong.", "账户名或密码错误。")
    case .tooMany:
      pick("Too many attempts: wait some seconds and try again.", "尝试次数过多，请稍候再试。")
    }
  }

  private func field(
    _ name: String, _ label: String, _ attributes: [(String, String)], _ form: inout Markup
  ) {
    form.element("div") { field in
      field.element("label", [("for", "l-\(name)")], text: label)
      field.element(
        "input",
        [("id", "l-\(name)"), ("name", name), ("required", "")] + attributes
          + (problem == nil ? [] : [("aria-describedby", "problem")]))
    }
  }
}
