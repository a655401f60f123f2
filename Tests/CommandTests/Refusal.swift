import Foundation
import Testing

/// What every refused command must look like from outside.
enum Refusal {
  /// Exit code 2, one line that names `file` and says `says`, nothing on standard output, no trap.
  static func check(
    _ outcome: SegfedProcess.Outcome, names file: String, says: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.code == 2, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    #expect(!outcome.errors.contains("Fatal error"), sourceLocation: sourceLocation)
    let lines = outcome.errorLines
    #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(lines.last?.hasPrefix("segfed: ") == true, "\(outcome.errors)", sourceLocation: sourceLocation)
    for text in [file] + says {
      #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
  }

  /// Exit code 64 and ArgumentParser's usage text.
  static func checkUsage(
    _ outcome: SegfedProcess.Outcome, says: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.code == 64, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    #expect(outcome.errors.contains("Usage: segfed"), "\(outcome.errors)", sourceLocation: sourceLocation)
    for text in says {
      #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
