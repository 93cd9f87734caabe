import Synchronization

/// The accounts of a file, read again when it has changed.
public final class AccountBook: Sendable {
  private struct Read: Sendable {
    var accounts: Accounts
    var stamp: AccountsFile.Stamp?
  }

  private let file: AccountsFile
  private let newest = Mutex<Read?>(nil)

  /// The accounts of a file, which need not exist.
  public init(_ file: AccountsFile) { self.file = file }

  /// The accounts as the file has them now. An unchanged file is not read again.
  ///
  /// - Throws: ``AccessError`` if the file cannot be read: then nobody may be let in by earlier contents.
  public func current() throws(AccessError) -> Accounts {
    try newest.withLock { (newest) throws(AccessError) in
      if let newest, newest.stamp == file.stamp { return newest.accounts }
      newest = nil
      let (accounts, stamp) = try file.loadWithStamp()
      newest = Read(accounts: accounts, stamp: stamp)
      return accounts
    }
  }
}
