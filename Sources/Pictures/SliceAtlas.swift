import Foundation
import Imaging

/// Slices of volumes side by side in one picture, row by row, which a viewer takes apart again.
///
/// Slices lie across k (the third axis), i to the right and j downwards; places behind the last slice are 0.
package struct SliceAtlas: Sendable, Equatable {
  /// Of a volume, along i, j, k.
  package let size: SIMD3<Int>
  /// Slices in a row: as many as make the picture about square.
  package let columns: Int

  package init(size: SIMD3<Int>) {
    self.size = size
    let wanted = (Double(size.z) * Double(size.y) / Double(size.x)).squareRoot().rounded(.up)
    columns = min(max(1, Int(wanted)), size.z)
  }

  private var rows: Int { (size.z + columns - 1) / columns }
  package var width: Int { columns * size.x }
  package var height: Int { rows * size.y }

  /// A PNG of one volume in grey, or of three in red, green and blue: values i fastest, then j, then k.
  package func png(_ volumes: [[UInt8]]) -> Data {
    precondition(volumes.allSatisfy { $0.count == size.x * size.y * size.z }, "volumes of the atlas' size")
    let channels = volumes.count
    var samples = [UInt8](repeating: 0, count: width * height * channels)
    for (channel, volume) in volumes.enumerated() {
      for k in 0..<size.z {
        for j in 0..<size.y {
          let source = size.x * (j + size.y * k)
          let row = k / columns * size.y + j
          let target = row * width + k % columns * size.x
          for i in 0..<size.x { samples[(target + i) * channels + channel] = volume[source + i] }
        }
      }
    }
    return PNG.data(of: samples, width: width, height: height, channels: channels)
  }
}
