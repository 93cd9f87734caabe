import Access
import Foundation

/// Reads a new password from a terminal or from standard input.
struct PasswordInput {
  let account: String
  let say: CommandWording

  /// A new password for the account.
  ///
  /// - Parameter fromInput: whether the first line of standard input is the password. Else the terminal asks for it
  ///   twice and does not show it.
  /// - Throws: exit 64 without a terminal, or if the password cannot be accepted.
  func read(fromInput: Bool) throws -> Password {
    let typed = fromInput ? try line() : try asked()
    if let fault = Password.fault(typed, account: account) { throw failure(fault) }
    guard let password = Password(typed) else { throw failure(.long) }
    return password
  }

  private func asked() throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
      throw CommandFailure(
        .usage, "there is no terminal to ask for the password; use --password-stdin",
        "没有可供输入密码的终端；请用 --password-stdin")
    }
    let first = try hidden(say("Password for \(account): ", "账户 \(account) 的密码："))
    // The first password is checked before it is typed again.
    if let fault = Password.fault(first, account: account) { throw failure(fault) }
    guard try hidden(say("The same again: ", "请再次输入：")) == first else {
      throw CommandFailure(
        .usage, "the two passwords differ; nothing was changed", "两次输入的密码不一致，未作任何更改")
    }
    return first
  }

  /// Asks for a line that the terminal does not show.
  private func hidden(_ question: String) throws -> String {
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw cancelled }
    var quiet = before
    // Without signals, an interruption cannot leave the terminal in this state: Ctrl-C ends the line instead.
    quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
    quiet.c_cc.11 = Self.interrupt  // VEOL
    guard tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0 else { throw cancelled }
    defer {
      tcsetattr(STDIN_FILENO, TCSANOW, &before)
      show("\n")
    }
    show(question)
    return try line()
  }

  private static let interrupt: UInt8 = 3

  private func show(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The next line of standard input without its end. It is read byte by byte, so that a second line stays unread.
  private func line() throws -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= Password.mostBytes + 1 {
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      if byte == UInt8(ascii: "\n") { break }
      if byte == Self.interrupt { throw cancelled }
      bytes.append(byte)
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard !bytes.isEmpty else { throw cancelled }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure(.usage, "the password is not UTF-8 text", "密码不是 UTF-8 文本")
    }
    return text
  }

  private var cancelled: CommandFailure {
    CommandFailure(.usage, "no password was given; nothing was changed", "未输入密码，未作任何更改")
  }

  private func failure(_ fault: Password.Fault) -> CommandFailure {
    switch fault {
    case .short:
      CommandFailure(
        .usage,
        "the password is too short: use at least \(Password.fewestCharacters) characters, such as four words",
        "密码过短：至少需要 \(Password.fewestCharacters) 个字符，可用几个词组成")
    case .long:
      CommandFailure(
        .usage, "the password is too long: use at most \(Password.mostBytes) bytes",
        "密码过长：最多 \(Password.mostBytes) 字节")
    case .control:
      CommandFailure(
        .usage, "the password has a control character, such as a tab; use only characters that can be typed",
        "密码含有控制字符（如制表符）；请只使用可键入的字符")
    case .simple:
      CommandFailure(
        .usage, "the password repeats one or two characters or is the account's name; use another one",
        "密码只由一两个字符重复而成，或与账户名相同；请另设密码")
    }
  }
}
