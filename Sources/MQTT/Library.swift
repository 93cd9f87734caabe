import CMosquitto
import Glibc
import Synchronization

/// The libmosquitto library loaded at run time, which may differ from the one at build time.
public enum MQTTLibrary {
  /// Version as the library reports it, such as `2.0.21`. Version 2.1.2 reports 2.1.0.
  public static let version: String = {
    var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
    mosquitto_lib_version(&major, &minor, &revision)
    return "\(major).\(minor).\(revision)"
  }()

  /// Whether this build includes the socket buffer: the package trait `SocketBuffer`.
  public static let hasSocketBuffer: Bool = {
    #if SocketBuffer
    true
    #else
    false
    #endif
  }()

  /// Whether the library's reads and writes go through the socket buffer, as observed on this process's newest
  /// accepted connection; false before the first. Without it everything works the same, at several times the
  /// processor time.
  public static var isBuffered: Bool { observedBuffer.load(ordering: .relaxed) }

  static let observedBuffer = Atomic(false)

  /// Initialises the library once; returns 0 if it is ready. Ignores SIGPIPE, because the library does not from
  /// 2.0.15 on, and OpenSSL writes with `write(2)`: a broker that closes the connection would end the process.
  static let isReady: Int32 = {
    signal(SIGPIPE, SIG_IGN)
    return mosquitto_lib_init()
  }()
}
