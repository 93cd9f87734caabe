import CProcessMemory
import Dispatch

/// Keeps a process that runs for months at what it uses.
enum ProcessMemory {
  /// Has arrays that grow give back what they grew out of.
  static func returnLargeBlocks() { process_memory_return_large_blocks() }

  /// Gives back the pages of the executable and its libraries that only starting needed (linking, reading settings
  /// and the store), and every hour what the day's tasks have used since, until it is cancelled.
  ///
  /// They are some 30 MB, of which collecting goes on to use a third, and would count as this process's memory until
  /// the system runs short of it.
  static func releaseIdlePages() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    timer.setEventHandler { process_memory_unmap_text() }
    timer.schedule(deadline: .now() + .seconds(2), repeating: .seconds(3600), leeway: .seconds(1))
    timer.resume()
    return timer
  }
}
