import Foundation
import Imaging

/// Sets every label of a data set to background.
enum Emptying {
  static func labels(below data: String) throws {
    let files = FileManager.default.enumerator(atPath: data)
    while let file = files?.nextObject() as? String {
      guard file.hasSuffix("_seg.nii.gz") else { continue }
      var map = try NIfTI.readLabels(data + "/" + file)
      map.labels = map.labels.map { _ in 0 }
      try NIfTI.write(map, to: data + "/" + file, options: .labels)
    }
  }
}
