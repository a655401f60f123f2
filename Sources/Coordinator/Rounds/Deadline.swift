import Synchronization

/// What waits no longer for an answer than a number of seconds, counted from when the site's own work starts.
enum Deadline {
  struct Missed: Error {}

  /// `operation` is given what it calls when the work starts. Once the time is over its task is cancelled and left to itself:
  /// `whenOver` is called when it comes back after all, or at once where it came back in time.
  static func wait<Value: Sendable>(
    seconds: Double, whenOver: @escaping @Sendable () -> Void,
    _ operation: @escaping @Sendable (_ started: @escaping @Sendable () -> Void) async throws -> Value
  ) async throws -> Value {
    let answer = Answer<Value>()
    return try await withCheckedThrowingContinuation { continuation in
      answer.wait(continuation)
      let work = Task {
        do {
          let value = try await operation { answer.startClock(seconds) }
          answer.give(.success(value))
        } catch {
          answer.give(.failure(error))
        }
        whenOver()
      }
      answer.watch(work)
    }
  }

  /// Resumes its continuation once.
  private final class Answer<Value: Sendable>: Sendable {
    private struct State {
      var continuation: CheckedContinuation<Value, any Error>?
      var work: Task<Void, Never>?
      var clock: Task<Void, Never>?
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
      state.withLock { $0.continuation = continuation }
    }

    func watch(_ work: Task<Void, Never>) {
      state.withLock { $0.work = work }
    }

    func give(_ result: Result<Value, any Error>) {
      let (waiting, clock) = state.withLock { state in
        defer { state.continuation = nil }
        return (state.continuation, state.clock)
      }
      clock?.cancel()
      waiting?.resume(with: result)
    }

    func startClock(_ seconds: Double) {
      let clock = Task {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
        self.give(.failure(Missed()))
        self.state.withLock { $0.work }?.cancel()
      }
      state.withLock { $0.clock = clock }
    }
  }
}
