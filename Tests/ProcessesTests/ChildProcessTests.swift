import Foundation
import Processes
import TestSupport
import Testing

@Suite("Child processes") struct ChildProcessTests {
  private func shell(
    _ script: String, environment: [String: String]? = nil, directory: String? = nil,
    input: ChildProcess.Stream = .null
  ) throws -> (end: ChildProcess.End, output: String) {
    let folder = try TemporaryDirectory("child")
    let output = folder.file("output")
    let child = try ChildProcess(
      "/bin/sh", ["-c", script], environment: environment, directory: directory, input: input,
      output: .appending(to: output), errors: .appending(to: output))
    return (child.wait(), try String(contentsOfFile: output, encoding: .utf8))
  }

  @Test("Its end is its exit code or the signal that ended it, however often one asks") func ends() throws {
    let three = try ChildProcess("/bin/sh", ["-c", "exit 3"])
    #expect(three.wait() == .exited(3))
    #expect(three.wait() == .exited(3))
    #expect(three.end == .exited(3))
    #expect(three.wait(seconds: 0) == .exited(3))
    #expect(try shell("kill -9 $$").end == .signalled(9))
  }

  @Test("A child that goes on is running; a signal ends it") func signals() throws {
    let child = try ChildProcess("/bin/sleep", ["600"])
    #expect(child.end == nil)
    #expect(child.isRunning)
    #expect(child.wait(seconds: 0) == nil)
    child.send(SIGTERM)
    #expect(child.wait() == .signalled(SIGTERM))
    // Nobody else with the number is hit afterwards.
    child.send(SIGKILL)
  }

  @Test("It has the streams, variables and folder it was given, and nothing else that is open")
  func inherits() throws {
    // A descriptor that a child would inherit.
    let file = Glibc.open("/proc/self/status", O_RDONLY)
    #expect(file > 2)
    defer { close(file) }
    // Without a pipe, whose ends the shell would hold for a moment.
    let (end, output) = try shell(
      "pwd; echo $NAME; cat; echo wrong >&2; ls -m /proc/$$/fd",
      environment: ["NAME": "机床 1"], directory: "/usr")
    #expect(end == .exited(0))
    #expect(output == "/usr\n机床 1\nwrong\n0, 1, 2\n")
  }

  @Test("A stream of this process's own goes to another number") func ownStream() throws {
    // Our standard error as its output, and our input as its error stream: neither replaces the other.
    let child = try ChildProcess(
      "/bin/sh",
      ["-c", "test /proc/self/fd/1 -ef /proc/$PARENT/fd/2 && test /proc/self/fd/2 -ef /proc/$PARENT/fd/0"],
      environment: ["PARENT": "\(getpid())"], output: .descriptor(2), errors: .descriptor(0))
    #expect(child.wait() == .exited(0))
  }

  @Test("Text for its input comes through") func input() throws {
    let pipe = Pipe()
    let child = try ChildProcess(
      "/bin/sh", ["-c", "read a && test \"$a\" = 42"],
      input: .descriptor(pipe.fileHandleForReading.fileDescriptor))
    pipe.fileHandleForWriting.write(Data("42\n".utf8))
    #expect(child.wait() == .exited(0))
  }

  @Test("No signal is blocked or ignored in it") func signalMask() throws {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    signal(SIGUSR1, SIG_IGN)
    defer {
      signal(SIGUSR1, SIG_DFL)
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    let output = try shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f 2").output
    let masks = output.split(separator: "\n").map { UInt64($0, radix: 16) }
    // Signals 32 and 33 are the C library's own: nobody can set them.
    #expect(masks.map { $0.map { $0 & ~0x1_8000_0000 } } == [0, 0])
  }

  @Test("A signal to the first of a group ends all that it started") func group() throws {
    let folder = try TemporaryDirectory("group")
    let child = try ChildProcess(
      "/bin/sh", ["-c", "sleep 600 & echo $! > '\(folder.file("id"))'; wait"], leadsGroup: true)
    func grandchild() -> Int32? {
      let text = try? String(contentsOfFile: folder.file("id"), encoding: .utf8)
      return text.flatMap { Int32($0.trimmingCharacters(in: .newlines)) }
    }
    #expect(waitUntil { grandchild() != nil })
    let id = try #require(grandchild())
    #expect(getpgid(id) == child.id)
    child.send(SIGKILL)
    #expect(child.wait() == .signalled(SIGKILL))
    // Its entry stays until somebody has taken note of its end.
    func isOver() -> Bool {
      guard let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return true }
      return text.contains("State:\tZ")
    }
    #expect(waitUntil { isOver() })
  }

  @Test("A program that is not there is an error that names it") func missing() {
    #expect(throws: ChildProcess.StartError.self) { try ChildProcess("/nowhere/program") }
    #expect {
      try ChildProcess("/nowhere/program")
    } throws: {
      "\($0)" == "/nowhere/program: cannot be started: No such file or directory"
    }
  }

  @Test("Thousands leave no descriptor open") func descriptors() throws {
    func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    // Other tests open and close files beside this one. One descriptor kept by each start would show above that.
    let before = try open()
    for _ in 0..<1000 { #expect(try ChildProcess("/bin/true").wait() == .exited(0)) }
    #expect(try open() < before + 500)
  }
}
