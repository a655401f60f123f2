import Fingerprint
import Foundation
import Planning

/// What nnU-Net's own planners make of made-up fingerprints: `Tests/Python/planner_golden.py` made the file.
struct PlannerGolden: Decodable {
  struct Case: Decodable {
    /// z, y, x.
    let spacing: [Double]
    let size: [Int]
  }

  struct Configuration: Decodable {
    /// In nnU-Net's order of axes, as all that follows: z, y, x with `transpose`; 2D lacks the first.
    let spacing: [Double]
    let medianSize: [Double]
    let patch: [Int]
    let batch: Int
    let widths: [Int]
    let strides: [[Int]]
    let kernels: [[Int]]
    let blocks: [Int]
    let decoderConvolutions: [Int]
    let usesMask: [Bool]
    let estimate: Int
  }

  struct Plan: Decodable {
    let encoder: String
    let budget: Double
    let transpose: [Int]
    let hasLowResolution: Bool
    let planar: Configuration
    let volume: Configuration?

    enum CodingKeys: String, CodingKey {
      case encoder, budget, transpose, hasLowResolution
      case planar = "2d"
      case volume = "3dFullres"
    }

    func configuration(_ dimensions: Int) -> Configuration? { dimensions == 2 ? planar : volume }
  }

  struct Dataset: Decodable {
    let channels: Int
    let labels: Int
    let relativeSize: Double
    let repeats: Int
    let cases: [Case]
    let plans: [Plan]
  }

  let datasets: [String: Dataset]

  static let all: [String: Dataset] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/nnunet_plans.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(PlannerGolden.self, from: Data(contentsOf: url)).datasets } catch {
      preconditionFailure("\(url.path): \(error)")
    }
  }()

  static let names = all.keys.sorted()
}

extension PlannerGolden.Dataset {
  /// Spacing in µm and size along x, y, z of every case.
  var grids: [(micrometres: SIMD3<Int>, size: SIMD3<Int>)] {
    (0..<repeats).flatMap { _ in
      cases.map { item in
        let micrometres = item.spacing.map { Int(($0 * 1000).rounded()) }
        return (
          SIMD3(micrometres[2], micrometres[1], micrometres[0]),
          SIMD3(item.size[2], item.size[1], item.size[0])
        )
      }
    }
  }

  func statistics(of grids: [(micrometres: SIMD3<Int>, size: SIMD3<Int>)]) -> DataStatistics {
    DataStatistics(
      contrasts: (0..<channels).map { "contrast \($0)" }, cases: grids.count,
      micrometres: AxisCounts(grids.map(\.micrometres)), sizes: AxisCounts(grids.map(\.size)),
      croppedPercent: ValueCounts(grids.map { _ in Int(relativeSize * 100) }))
  }

  /// The typical size at a spacing: as a site counts and a coordinator adds up.
  func medianSize(at spacing: SIMD3<Double>) -> SIMD3<Double>? {
    AxisCounts(
      grids.map { grid in
        var size = SIMD3<Int>.one
        for axis in 0..<3 {
          let exact = Double(grid.micrometres[axis]) / 1000 / spacing[axis] * Double(grid.size[axis])
          size[axis] = Int(exact.rounded(.toNearestOrEven))
        }
        return size
      }
    ).percentile(50)
  }
}
