import Imaging
import Metrics
import Testing

@Suite struct DiceScoreTests {
  private static func map(_ size: Int, _ label: (Int, Int, Int) -> UInt16) -> LabelVolume {
    let geometry = Geometry(size: SIMD3(repeating: size), affine: AffineTransform(spacing: .one))
    var labels: [UInt16] = []
    for k in 0..<size { for j in 0..<size { for i in 0..<size { labels.append(label(i, j, k)) } } }
    return LabelVolume(geometry: geometry, labels: labels)
  }

  private static func sphere(_ radius: Int, _ centre: (Int, Int, Int)) -> LabelVolume {
    map(64) { i, j, k in
      let (x, y, z) = (i - centre.0, j - centre.1, k - centre.2)
      return x * x + y * y + z * z <= radius * radius ? 1 : 0
    }
  }

  private let one = Region(name: "one", labels: [1])

  /// The worked check of two spheres whose Dice MONAI, medpy and DeepMind's surface-distance agree on:
  /// 0.8432.
  @Test func spheresScoreAsInOtherTools() {
    let prediction = Self.sphere(20, (34, 32, 33))
    let reference = Self.sphere(18, (32, 32, 32))
    let dice = DiceScore.dice(prediction: prediction, reference: reference, region: one)
    #expect(abs(dice - 0.8432) < 5e-5)
    #expect(dice == DiceScore.dice(prediction: reference, reference: prediction, region: one))
  }

  @Test func regionsAreUnionsOfLabels() {
    let prediction = Self.map(4) { i, _, _ in [0, 1, 2, 4][i] }
    let reference = Self.map(4) { i, _, _ in [0, 4, 1, 2][i] }
    let whole = Region(name: "WT", labels: [1, 2, 4])
    let core = Region(name: "TC", labels: [1, 4])
    #expect(DiceScore.dice(prediction: prediction, reference: reference, region: whole) == 1)
    #expect(
      DiceScore.counts(prediction: prediction, reference: reference, region: core)
        == DiceScore.Counts(prediction: 32, reference: 32, both: 16))
    #expect(DiceScore.dice(prediction: prediction, reference: reference, region: core) == 0.5)
    let enhancing = Region(name: "ET", labels: [4])
    #expect(DiceScore.dice(prediction: prediction, reference: reference, region: enhancing) == 0)
  }

  @Test func emptyRegionsFollowTheNamedConvention() {
    let empty = Self.map(3) { _, _, _ in 0 }
    let full = Self.map(3) { _, _, _ in 1 }
    #expect(DiceScore.dice(prediction: empty, reference: empty, region: one) == 1)
    #expect(
      DiceScore.dice(prediction: empty, reference: empty, region: one, convention: .nan).isNaN)
    for convention in [DiceScore.EmptyConvention.brats, .nan] {
      #expect(DiceScore.dice(prediction: full, reference: empty, region: one, convention: convention) == 0)
      #expect(DiceScore.dice(prediction: empty, reference: full, region: one, convention: convention) == 0)
    }
  }
}
