import Foundation

/// How the process' heap treats large blocks.
package enum KeptMemory {
  /// Keeps large freed blocks for the next of their kind instead of giving them back at once: scans come and go by tens of
  /// megabytes, and pages that the kernel has to clear anew cost a third of reading a case.
  ///
  /// One heap for all threads, so that a block freed by one serves another; what lies free at its end beyond
  /// `spare` bytes is still given back. Does nothing where the C library is not glibc.
  package static func keepLargeBlocks(spare: Int = 512 << 20) {
    #if canImport(Glibc)
      // Swift's Glibc module lacks the header that declares the function and these numbers (malloc.h).
      guard let symbol = dlsym(nil, "mallopt") else { return }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
      let (trimThreshold, mmapThreshold, arenaMax) = (CInt(-1), CInt(-3), CInt(-8))
      _ = mallopt(arenaMax, 1)
      _ = mallopt(mmapThreshold, 1 << 30)
      _ = mallopt(trimThreshold, CInt(clamping: spare))
    #endif
  }
}
