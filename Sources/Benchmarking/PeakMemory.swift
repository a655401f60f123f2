import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The process' peak resident memory, as Linux counts it.
enum PeakMemory {
  /// Bytes at the peak since the start or the last `reset`; nil where the system does not tell.
  static var bytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return 1024 * kilobytes
  }

  /// Begins a new peak at what is resident now, so that one network does not count for the next.
  ///
  /// Returns whether the system allowed it.
  static func reset() -> Bool {
    #if canImport(Glibc)
      // What was freed may still be the process': the allocator keeps blocks below 32 MiB. Swift's Glibc
      // module lacks the header that declares the function.
      if let symbol = dlsym(nil, "malloc_trim") {
        _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
      }
    #endif
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return false }
    defer { try? file.close() }
    return (try? file.write(contentsOf: Data("5".utf8))) != nil
  }
}
