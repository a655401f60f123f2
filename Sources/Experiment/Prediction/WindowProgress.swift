import Foundations
import Training

/// Progress of predictions in windows. How many a case has is known only when it was read: cases not yet read are taken to have
/// as many as the mean of those before them.
final class WindowProgress {
  private let line: ProgressLine
  private let cases: Int
  private var passes = 0
  private var begun = 0
  private var done = 0

  init(_ line: ProgressLine, cases: Int) {
    self.line = line
    self.cases = cases
  }

  /// The progress of one case; `check` may throw to stop between two windows.
  func ofCase(_ index: Int, name: String, check: @escaping () throws -> Void) -> Predictor.Progress {
    let note = cases == 1 ? name : "case \(index + 1) of \(cases), \(name)"
    return Predictor.Progress(
      begins: { [self] count in
        passes += count
        begun += 1
        let mean = (passes + begun - 1) / begun
        line.expect(total: passes + mean * (cases - 1 - index))
      },
      advances: { [self] count in
        done += count
        line.advance(by: count, note: note)
        try check()
      })
  }

  /// Counts a case's windows as done, also where it was left out in the middle.
  func endCase() {
    if done < passes { line.advance(by: passes - done) }
    done = passes
  }

  func finish() { line.finish() }
}
