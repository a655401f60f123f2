import Simulation
import Testing

/// A head sampled at 2 mm: is it a brain, and a folded one?
@Suite struct BrainAnatomyTests {
  static let samples: [TissueFractions] = {
    let anatomy = BrainAnatomy(seed: 11, site: "test", sample: 1)
    var result: [TissueFractions] = []
    result.reserveCapacity(n.x * n.y * n.z)
    for k in 0..<n.z {
      for j in 0..<n.y {
        for i in 0..<n.x {
          result.append(anatomy.tissue(at: position(i, j, k), voxel: 2))
        }
      }
    }
    return result
  }()
  static let n = SIMD3(81, 101, 85)

  static func position(_ i: Int, _ j: Int, _ k: Int) -> SIMD3<Float> {
    SIMD3(Float(2 * i), Float(2 * j), Float(2 * k)) - BrainAnatomy.halfExtent
  }

  /// mL of one tissue.
  private func volume(_ tissue: (TissueFractions) -> Float) -> Double {
    Self.samples.reduce(0) { $0 + Double(tissue($1) * $1.mask) } * 0.008
  }

  @Test func fractionsAddUpToOne() {
    for tissue in Self.samples where tissue.mask > 0 {
      let parts = [
        tissue.fluid, tissue.grey, tissue.white, tissue.deepGrey, tissue.hyperintensity, tissue.choroid,
        tissue.vessel,
      ]
      #expect(abs(parts.reduce(0, +) - 1) < 1e-3)
      #expect(parts.allSatisfy { $0 >= -1e-5 && $0 <= 1 + 1e-5 })
    }
  }

  /// Ranges of adults, widely taken: brain 1000–1900 mL, ventricles 8–90 mL, deep nuclei 20–90 mL.
  @Test func volumesAreThoseOfAHead() {
    let brain = volume { _ in 1 }
    let grey = volume(\.grey)
    let white = volume { $0.white + $0.hyperintensity }
    let ventricles = volume { $0.ventricle + $0.choroid }
    let nuclei = volume(\.deepGrey)
    print(
      "head in mL: all \(brain), grey \(grey), white \(white), ventricles \(ventricles), nuclei \(nuclei)")
    #expect((1000...1900).contains(brain))
    #expect(grey > 0.25 * brain && grey < 0.6 * brain)
    #expect(white > 0.2 * brain && white < 0.6 * brain)
    #expect((8...90).contains(ventricles))
    #expect((20...90).contains(nuclei))
  }

  /// The border between tissue and fluid is far larger than the head's hull: there are sulci.
  @Test func cortexIsFolded() {
    let hull = faces { $0.mask > 0.5 }
    let pial = faces { $0.mask > 0.5 && $0.fluid + $0.vessel < 0.4 }
    print("faces of hull \(hull), of tissue \(pial)")
    #expect(Double(pial) > 1.5 * Double(hull))
  }

  private func faces(_ inside: (TissueFractions) -> Bool) -> Int {
    let flags = Self.samples.map(inside)
    let steps = [1, Self.n.x, Self.n.x * Self.n.y]
    var count = 0
    for index in 0..<(flags.count - steps[2]) {
      for step in steps where flags[index] != flags[index + step] { count += 1 }
    }
    return count
  }

  @Test func bothSidesHaveVentriclesAndNoHeadIsLikeAnother() {
    var right: Float = 0
    var left: Float = 0
    for (index, tissue) in Self.samples.enumerated() {
      if index % Self.n.x > 42 {
        right += tissue.ventricle
      } else if index % Self.n.x < 38 {
        left += tissue.ventricle
      }
    }
    #expect(right > 300 && left > 300)
    let other = BrainAnatomy(seed: 11, site: "test", sample: 2)
    let again = BrainAnatomy(seed: 11, site: "test", sample: 1)
    var same = 0
    var looked = 0
    for i in stride(from: 10, to: 70, by: 3) {
      let at = Self.position(i, 45, 50)
      let here = Self.samples[i + Self.n.x * (45 + Self.n.y * 50)]
      #expect(again.tissue(at: at, voxel: 2) == here)
      looked += 1
      if other.tissue(at: at, voxel: 2) == here { same += 1 }
    }
    #expect(same < looked / 2)
  }
}
