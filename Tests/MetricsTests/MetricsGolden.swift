import Foundation
import Imaging
import Metrics

/// `Golden/metrics.json`: pairs of masks with the numbers of the field's tools (`Tests/Python/metrics_golden.py`).
struct MetricsGolden: Decodable {
  struct Pair: Decodable {
    let size: [Int]
    let spacing: [Double]
    let tolerance: Double
    let prediction: Data
    let reference: Data
    /// By convention (and tumour type) and metric.
    let scores: [String: [String: Number]]

    var masks: MaskPair { MaskPair(prediction: map(prediction), reference: map(reference)) }

    private func map(_ packed: Data) -> LabelVolume {
      let bytes = [UInt8](packed)
      var voxel = 0
      return MaskPair.map(SIMD3(size), spacing: SIMD3(spacing)) { _, _, _ in
        defer { voxel += 1 }
        return UInt16(bytes[voxel / 8] >> UInt8(voxel % 8) & 1)
      }
    }
  }

  /// A number, null for NaN or "inf".
  struct Number: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        value = .nan
      } else if let text = try? container.decode(String.self), text == "inf" {
        value = .infinity
      } else {
        value = try container.decode(Double.self)
      }
    }

    func isNear(_ other: Double) -> Bool {
      if value.isNaN || other.isNaN { return value.isNaN && other.isNaN }
      return value == other || abs(value - other) < 1e-4
    }
  }

  struct Calibration: Decodable {
    let steps: [Int]
    let reference: [UInt8]
    let expected: Double
    let average: Double
    let maximum: Double
  }

  let pairs: [Pair]
  let calibration: [Calibration]
  let areas: [Double]

  static func read() throws -> MetricsGolden {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/metrics.json")
    return try JSONDecoder().decode(MetricsGolden.self, from: Data(contentsOf: path))
  }
}
