#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Seconds of wall time and of the process' CPU time since it was made.
package struct Stopwatch {
  private let wall: Double
  private let processor: Double

  package init() {
    wall = Self.read(CLOCK_MONOTONIC)
    processor = Self.read(CLOCK_PROCESS_CPUTIME_ID)
  }

  package var seconds: Double { Self.read(CLOCK_MONOTONIC) - wall }
  package var processorSeconds: Double { Self.read(CLOCK_PROCESS_CPUTIME_ID) - processor }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
