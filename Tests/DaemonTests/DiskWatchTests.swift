import Daemon
import Storage
import Testing

@Suite("Watch of the disk") struct DiskWatchTests {
  @Test("It warns below a twentieth, and logs it once an hour") func warns() {
    var watch = DiskWatch()
    let start = ContinuousClock.now
    func look(_ free: Int64, after seconds: Int) -> [String?] {
      let found = watch.look(at: StoreSpace(total: 100 << 30, free: free << 30), start + .seconds(seconds))
      return [found.warning?.code, found.line?.free]
    }
    #expect(look(5, after: 0) == [nil, nil])
    let four = ByteText.of(4 << 30)
    #expect(look(4, after: 1) == ["disk_low", four])
    #expect(look(4, after: 2) == ["disk_low", nil])
    #expect(look(50, after: 3) == [nil, nil])
    // Space that comes and goes does not fill the log.
    #expect(look(4, after: 3600) == ["disk_low", nil])
    #expect(look(4, after: 3601) == ["disk_low", four])
    #expect(watch.look(at: nil, start + .seconds(9000)).warning == nil)
    #expect(watch.look(at: StoreSpace(total: 0, free: 0), start + .seconds(9000)).warning == nil)
  }
}
