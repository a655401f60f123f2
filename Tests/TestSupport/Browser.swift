import Foundation
import Testing

/// The browser that pages are looked at with: Debian's chromium and chromium-driver, by way of the reference Python.
package enum Browser {
  /// For `.enabled(if:)`: false only on a developer's machine without it; in CI the test runs, and fails.
  package static var isWanted: Bool {
    if ProcessInfo.processInfo.environment["CI"] != nil { return true }
    return PythonReference.isWanted
      && ["/usr/bin/chromium", "/usr/bin/chromedriver"].allSatisfy {
        FileManager.default.fileExists(atPath: $0)
      }
  }

  /// What `.enabled(if:)` says of a skipped test.
  package static let skipMessage: Comment = "install chromium and chromium-driver, and set SEGFED_PYTHON"

  /// Where pictures of pages go: kept beside the build, to be looked at.
  package static var pictures: String {
    PythonReference.scripts.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(".build/pages").path
  }
}
