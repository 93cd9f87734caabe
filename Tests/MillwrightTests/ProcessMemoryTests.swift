import Testing
import millwright

@Suite("Memory of the process") struct ProcessMemoryTests {
  @Test("Only what is as its file has it, and cannot be written, is unmapped")
  func unchanged() {
    let mappings = """
      55a000000000-55a000100000 r-xp 00000000 fe:00 11 /usr/bin/millwright
      Size:               1024 kB
      Rss:                 512 kB
      Anonymous:             0 kB
      VmFlags: rd ex mr mw me
      55a000100000-55a000110000 r--p 00100000 fe:00 11 /usr/bin/millwright
      Rss:                  64 kB
      Anonymous:            64 kB
      55a000110000-55a000120000 rw-p 00110000 fe:00 11 /usr/bin/millwright
      Rss:                  64 kB
      Anonymous:             0 kB
      55a000200000-55a000300000 rw-p 00000000 00:00 0 [heap]
      Anonymous:             0 kB
      7f0000000000-7f0000200000 r--p 00000000 fe:00 12 /usr/lib/a library.so
      Rss:                  96 kB
      Anonymous:             0 kB
      7f0000200000-7f0000300000 r-xp 00200000 fe:00 12 /usr/lib/a library.so
      Anonymous:             4 kB
      7f0000300000-7f0000400000 r--s 00000000 fe:00 13 /var/lib/millwright/views.sqlite-shm
      Anonymous:             0 kB
      7f0000400000-7f0000402000 r-xp 00000000 00:00 0 [vdso]
      Anonymous:             0 kB
      7f0000500000-7f0000600000 r--p 00000000 00:00 0
      Anonymous:             0 kB
      """
    #expect(
      ProcessMemory.unchanged(in: mappings) == [
        0x55a0_0000_0000..<0x55a0_0010_0000, 0x7f00_0000_0000..<0x7f00_0020_0000,
      ])
    #expect(ProcessMemory.unchanged(in: "") == [])
    #expect(ProcessMemory.unchanged(in: "55a0-55b0\nAnonymous: 0 kB") == [])
  }

  @Test("Code that was unmapped runs again")
  func runsAgain() {
    for round in 1...3 {
      ProcessMemory.unmapText()
      #expect("\(round)".count == 1)
    }
  }
}
