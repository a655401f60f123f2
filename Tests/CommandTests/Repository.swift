import Foundation

/// The repository that the tests were built from.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A file or folder in it.
  static func path(_ name: String) -> String { root.appendingPathComponent(name).path }
}
