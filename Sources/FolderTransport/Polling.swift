/// Looks again and again at growing intervals: a folder on a shared drive tells nobody of a change.
struct Polling: Sendable {
  private var interval = 0.01

  /// Waits 10 ms first, in the end a second. Throws `CancellationError`.
  mutating func pause() async throws {
    try await Task.sleep(for: .seconds(interval))
    interval = min(1, interval * 1.15)
  }
}

/// How long a file that is not whole has been as it is.
package struct Settling: Sendable {
  private let clock = ContinuousClock()
  private var seen: [String: (size: Int, since: ContinuousClock.Instant)] = [:]

  package init() {}

  /// Whether the file has had this size for as many seconds.
  package mutating func isSettled(_ file: String, size: Int, seconds: Double) -> Bool {
    let now = clock.now
    guard let known = seen[file], known.size == size else {
      seen[file] = (size, now)
      return false
    }
    return now - known.since >= .seconds(seconds)
  }
}
