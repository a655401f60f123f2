import Foundation
import Foundations
import Harmonization
import Imaging
import Testing

@Suite struct BiasFieldTests {
  private static let phantom = BrainPhantom(size: [30, 26, 24], spacing: 4)

  private func field() throws -> BiasField {
    try N4.field(of: Self.phantom.volume, mask: Self.phantom.mask, loop: .serial)
  }

  @Test func aSavedFieldGivesTheSameBits() throws {
    let field = try field()
    let saved = try JSONEncoder().encode(field)
    let read = try JSONDecoder().decode(BiasField.self, from: saved)
    let volume = Self.phantom.volume
    #expect(read == field)
    #expect(read.corrected(volume, loop: .serial) == field.corrected(volume, loop: .serial))
    #expect(saved.count < 10_000)
    let settings = try JSONEncoder().encode(N4Settings.standard)
    #expect(try JSONDecoder().decode(N4Settings.self, from: settings) == .standard)
  }

  @Test(arguments: [
    ("points", "[5,5]", "three numbers from 4 to 1024"),
    ("points", "[5,5,3]", "three numbers from 4 to 1024"),
    ("size", "[30,0,24]", "three numbers from 1 to 32767"),
    ("coefficients", "[1,2]", "125 finite numbers"),
    ("schema_version", "2", "1"),
  ])
  func aDamagedFieldIsRefused(key: String, value: String, expected: String) throws {
    let saved = String(decoding: try JSONEncoder().encode(field()), as: UTF8.self)
    let pattern = "\"\(key)\":(\\[[^\\]]*\\]|[0-9]+)"
    let damaged = saved.replacingOccurrences(
      of: pattern, with: "\"\(key)\":\(value)", options: .regularExpression)
    #expect(damaged != saved)
    let error = #expect(throws: HarmonizationError.self) {
      try JSONDecoder().decode(BiasField.self, from: Data(damaged.utf8))
    }
    guard case .damagedBiasField(key, _, expected)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// Every voxel is divided by the exponential of the spline, worked out here from its definition.
  @Test func divisionIsExact() throws {
    let volume = Self.phantom.volume
    let field = try field()
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(field)) as? [String: Any]
    let points = try #require(json?["points"] as? [Int])
    let values = try #require(json?["coefficients"] as? [Double])
    let corrected = field.corrected(volume, loop: .serial)
    let size = [volume.geometry.size.x, volume.geometry.size.y, volume.geometry.size.z]
    var stream = RandomStream(seed: 4, purpose: .test)
    var worst = 0.0
    for _ in 0..<300 {
      let place = size.map { stream.integer(below: $0) }
      let weights = (0..<3).map { axis in
        let u = Double(points[axis] - 3) * Double(place[axis]) / Double(size[axis] - 1)
        return (0..<points[axis]).map { Self.cubic(u - Double($0) + 1) }
      }
      var log = 0.0
      for index in values.indices {
        let (x, y, z) = (
          index % points[0], index / points[0] % points[1], index / points[0] / points[1]
        )
        log += values[index] * weights[0][x] * weights[1][y] * weights[2][z]
      }
      let index = volume.geometry.offset(place[0], place[1], place[2])
      let expected = Double(volume.voxels[index]) / exp(log)
      worst = max(worst, abs(Double(corrected.voxels[index]) - expected) / max(1, expected))
    }
    #expect(worst < 2e-6)
  }

  /// The cubic B-spline around 0.
  private static func cubic(_ x: Double) -> Double {
    let a = abs(x)
    if a < 1 { return 2.0 / 3 - a * a + a * a * a / 2 }
    return a < 2 ? (2 - a) * (2 - a) * (2 - a) / 6 : 0
  }
}
