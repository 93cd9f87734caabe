import Foundation

/// Exit codes (sysexits(3)). 0 means success; `validate`, `verify` and `check` exit with 1 if the check fails.
enum ExitStatus: Int32 {
  case doesNotHold = 1
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case cannotWrite = 73
  case io = 74
  case tryAgain = 75
  case configuration = 78
}

/// The failure of a command: the message for the user, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// A failure with its message in both languages.
  init(_ status: ExitStatus, _ english: String, _ chinese: String) {
    self.init(status, CommandWording.ofCommandLine(english, chinese))
  }

  var description: String { message }
}

/// The error of the operating system in words of the command line's language.
func systemError(_ code: Int32) -> String {
  let english = String(cString: strerror(code))
  let chinese: String? =
    switch code {
    case ENOENT: "文件或文件夹不存在"
    case ENOTDIR: "上级路径不是文件夹"
    case EISDIR: "这是文件夹"
    case EACCES, EPERM: "没有权限"
    case EROFS: "文件系统为只读"
    case ENOSPC: "磁盘空间不足"
    case EDQUOT: "超出磁盘配额"
    case EFBIG: "超出文件大小限制"
    case ENAMETOOLONG: "文件名过长"
    case ELOOP: "符号链接过多或循环"
    case EPIPE: "读取方已关闭管道"
    case EIO: "磁盘读写错误"
    case EMFILE, ENFILE: "打开的文件过多"
    default: nil
    }
  return CommandWording.ofCommandLine(english, chinese ?? "系统错误（\(english)）")
}

/// Prints lines to standard error. Characters that could control a terminal are escaped, because names, paths and the
/// environment are untrusted. A closed or full standard error is ignored.
func printError(_ message: String) {
  var line = inertLines(message) + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Prints lines to standard output, in place of Swift's function: characters that could control a terminal are escaped
/// here too. A failure is reported when the process ends.
func print(_ text: some CustomStringConvertible, terminator: String = "\n") {
  Swift.print(inertLines(text.description), terminator: terminator)
}

private func inertLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).inert }.joined(
    separator: "\n")
}
