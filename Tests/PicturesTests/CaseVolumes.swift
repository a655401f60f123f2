import Foundations
import Imaging
import Pictures

/// A case of 22×16×10 voxels with a lesion that is predicted a little beside where it is.
enum CaseVolumes {
  static let size = SIMD3(22, 16, 10)
  static let geometry = Geometry(
    size: size, affine: Imaging.AffineTransform(spacing: SIMD3(1, 1.5, 2)))

  static func volume(_ value: (_ voxel: SIMD3<Int>) -> Float) -> Volume {
    Volume(geometry: geometry, voxels: (0..<geometry.count).map { value(voxel($0)) })
  }

  static func labels(_ label: (_ voxel: SIMD3<Int>) -> UInt16) -> LabelVolume {
    LabelVolume(geometry: geometry, labels: (0..<geometry.count).map { label(voxel($0)) })
  }

  static func voxel(_ index: Int) -> SIMD3<Int> {
    SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
  }

  /// Signal leaves a voxel's width of 0 at every side.
  static let scan = volume { voxel in
    (0..<3).contains { voxel[$0] == 0 || voxel[$0] == size[$0] - 1 }
      ? 0 : Float(50 + voxel.x * 3 + voxel.y * 5 + voxel.z * 7)
  }

  static let reference = labels { box($0, from: SIMD3(6, 5, 3), to: SIMD3(12, 11, 7)) ? 1 : 0 }
  static let prediction = labels {
    box($0, from: SIMD3(8, 5, 3), to: SIMD3(14, 11, 7)) ? ($0.z == 6 ? 4 : 1) : 0
  }

  private static func box(_ voxel: SIMD3<Int>, from: SIMD3<Int>, to: SIMD3<Int>) -> Bool {
    (0..<3).allSatisfy { voxel[$0] >= from[$0] && voxel[$0] < to[$0] }
  }

  static func layers(
    reference: LabelVolume? = reference, entropy: Volume? = nil, heat: [(name: String, map: Volume)] = [],
    view: SliceView = .patient, turn: AxisPermutation = .identity
  ) -> CaseLayers {
    let content = CaseLayers.Content(
      contrasts: ["t1", "flair"],
      scans: [scan.permuted(turn), volume { Float(200 - 2 * $0.x) }.permuted(turn)],
      reference: reference?.permuted(turn), prediction: prediction.permuted(turn),
      entropy: (entropy ?? volume { _ in 0 }).permuted(turn),
      heat: heat.map { (name: $0.name, map: $0.map.permuted(turn)) })
    return CaseLayers(content, view: view, loop: .serial)
  }
}
