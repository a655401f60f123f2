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
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        answer.wait(continuation)
        let work = Task {
          let result: Result<Value, any Error>
          do {
            result = .success(try await operation { answer.startClock(seconds) })
          } catch {
            result = .failure(error)
          }
          // Before whoever waits goes on: it may ask again at once.
          whenOver()
          answer.give(result)
        }
        answer.watch(work)
      }
    } onCancel: {
      answer.cancel()
    }
  }

  /// Resumes its continuation once.
  private final class Answer<Value: Sendable>: Sendable {
    private struct State {
      var continuation: CheckedContinuation<Value, any Error>?
      var work: Task<Void, Never>?
      var clock: Task<Void, Never>?
      var isCancelled = false
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
      state.withLock { $0.continuation = continuation }
    }

    func watch(_ work: Task<Void, Never>) {
      let isCancelled = state.withLock { state in
        state.work = work
        return state.isCancelled
      }
      if isCancelled { cancel() }
    }

    /// Ends the work, and the wait for it.
    func cancel() {
      let work = state.withLock { state in
        state.isCancelled = true
        return state.work
      }
      guard let work else { return }
      work.cancel()
      give(.failure(CancellationError()))
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
