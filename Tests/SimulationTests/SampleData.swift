import Foundation
import Imaging

/// The committed `SampleData` folder.
enum SampleData {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("SampleData").path

  static func dataset() throws -> DatasetFolder {
    try DatasetFolder.discover(path, requireLabels: true)
  }
}
