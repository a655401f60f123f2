import Foundation
import Foundations
import Harmonization
import TestSupport
import Testing

@Suite struct IntensityFitTests {
  private static let loop = ParallelLoop(threads: 2)
  private static let scale = IntensityScale(landmarks: [1, 20, 31, 38, 44, 50, 57, 65, 74, 83, 100])

  private static func fit(
    _ method: IntensityMethod, _ scan: [Float], of phantom: TissuePhantom, contrast: String = "t1",
    clip: ClosedRange<Double>? = nil, loop: ParallelLoop = loop
  ) throws -> IntensityFit {
    var whiteMatter: [Float]?
    if method == .fuzzyCMeans {
      let tissues = try FuzzyTissues(
        t1: phantom.t1, mask: phantom.mask, clip: clip, contrast: "t1", loop: loop)
      whiteMatter = tissues.whiteMatter(t1: phantom.t1, mask: phantom.mask, loop: loop)
    }
    return try IntensityFit(
      method: method, clip: clip, voxels: scan, mask: phantom.mask, contrast: contrast, scale: scale,
      whiteMatter: whiteMatter, loop: loop)
  }

  /// A scan's brain voxels after its own fit.
  private static func brain(
    _ method: IntensityMethod, _ scan: [Float], of phantom: TissuePhantom, clip: ClosedRange<Double>? = nil
  ) throws -> [Double] {
    let mapped = try fit(method, scan, of: phantom, clip: clip).apply(scan, mask: phantom.mask, loop: loop)
    #expect(zip(mapped, phantom.mask).allSatisfy { $1 != 0 || $0 == 0 }, "what is outside is 0")
    return zip(mapped, phantom.mask).filter { $1 != 0 }.map { Double($0.0) }
  }

  /// The largest difference over the brain, in parts of the reference's range.
  private static func difference(_ mine: [Float], _ theirs: [Double], mask: [UInt8]) -> Double {
    let inside = mask.indices.filter { mask[$0] != 0 }
    let values = inside.map { theirs[$0] }
    return inside.map { abs(Double(mine[$0]) - theirs[$0]) }.max()! / (values.max()! - values.min()!)
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [(0, "t1", false), (1, "t2", false), (1, "t1", true), (2, "t2", true)])
  func whiteStripeIsThatOfIntensityNormalization(seed: Int, contrast: String, isWhole: Bool) throws {
    let phantom = TissuePhantom(voxels: 30_000, seed: seed, isWhole: isWhole)
    let scan = contrast == "t1" ? phantom.t1 : phantom.t2
    let theirs = RawArray.doubles(
      try PythonReference.run(
        script: "tissue_reference.py", arguments: ["white-stripe", contrast],
        input: RawArray.bytes(scan.map(Double.init))))
    let mine = try Self.fit(.whiteStripe, scan, of: phantom, contrast: contrast)
      .apply(scan, mask: phantom.mask, loop: Self.loop)
    let worst = Self.difference(mine, theirs, mask: phantom.mask)
    #expect(worst < 0.001, "\(worst) of the range")
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: 0..<2)
  func fuzzyCMeansIsThatOfIntensityNormalization(seed: Int) throws {
    let phantom = TissuePhantom(voxels: 30_000, seed: seed, isWhole: seed == 1)
    let scans = [phantom.t1, phantom.t2]
    let theirs = RawArray.doubles(
      try PythonReference.run(
        script: "tissue_reference.py", arguments: ["fuzzy-c-means", "2"],
        input: RawArray.bytes(scans.flatMap { $0.map(Double.init) })))
    for (index, scan) in scans.enumerated() {
      let mine = try Self.fit(.fuzzyCMeans, scan, of: phantom, contrast: ["t1", "t2"][index])
        .apply(scan, mask: phantom.mask, loop: Self.loop)
      let worst = Self.difference(
        mine, Array(theirs[(index * scan.count)...].prefix(scan.count)), mask: phantom.mask)
      #expect(worst < 0.001, "scan \(index): \(worst) of the range")
    }
  }

  @Test func zScoreAndMinMaxAreWhatTheySay() throws {
    let phantom = TissuePhantom(voxels: 9000, seed: 4)
    let scores = try Self.brain(.zScore, phantom.t1, of: phantom)
    let mean = scores.reduce(0, +) / Double(scores.count)
    let variance = scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count) - mean * mean
    #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-6)
    let parts = try Self.brain(.minMax, phantom.t2, of: phantom)
    #expect(parts.min() == 0 && parts.max() == 1)
    let same = try Self.brain(.none, phantom.t1, of: phantom)
    #expect(same == zip(phantom.t1, phantom.mask).filter { $1 != 0 }.map { Double($0.0) })
  }

  /// Percentiles of the values that a method sees are those that clipping was asked for.
  @Test func clippingCutsTheTails() throws {
    let phantom = TissuePhantom(voxels: 9000, seed: 5)
    let inside = zip(phantom.t1, phantom.mask).filter { $1 != 0 }.map(\.0).sorted()
    let clipped = try Self.brain(.none, phantom.t1, of: phantom, clip: 2...95)
    let atEnds = (clipped.count { $0 == clipped.min() }, clipped.count { $0 == clipped.max() })
    #expect(abs(atEnds.0 - inside.count / 50) <= 1 && abs(atEnds.1 - inside.count / 20) <= 1)
    #expect(
      inside.contains { Double($0) < clipped.min()! } && inside.contains { Double($0) > clipped.max()! })
    let scores = try Self.brain(.zScore, phantom.t1, of: phantom, clip: 2...95)
    #expect(abs(scores.reduce(0, +)) < 1e-6 * Double(scores.count))
    #expect(scores.count { $0 == scores.max() } == atEnds.1)
    let parts = try Self.brain(.minMax, phantom.t1, of: phantom, clip: 2...95)
    #expect(parts.count { $0 == 1 } == atEnds.1 && parts.count { $0 == 0 } == atEnds.0)
  }

  /// On the atlas, scanners' gains and offsets disappear, and every scan has the scale's median at 0 and its spread.
  @Test func theAtlasGivesOneScale() throws {
    let phantom = TissuePhantom(voxels: 20_000, seed: 6)
    let other = zip(phantom.t1, phantom.mask).map { $1 != 0 ? 3 * $0 + 50 : 0 }
    let one = try Self.brain(.atlas, phantom.t1, of: phantom)
    let two = try Self.brain(.atlas, other, of: phantom)
    #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-4 })
    let sorted = one.sorted()
    let (low, median, high) = (
      sorted[sorted.count / 10], sorted[sorted.count / 2], sorted[sorted.count * 9 / 10]
    )
    #expect(abs(median) < 1e-2 && abs(high - low - 2.563) < 1e-2)
    let third = try Self.brain(.atlas, phantom.t2, of: phantom).sorted()
    #expect(abs(third[third.count / 2]) < 1e-2)
  }

  /// A fit of one scan serves another, through a file.
  @Test(arguments: IntensityMethod.allCases, [nil, 1...99] as [ClosedRange<Double>?])
  func fitsAreKept(method: IntensityMethod, clip: ClosedRange<Double>?) throws {
    let phantom = TissuePhantom(voxels: 6000, seed: 7)
    let fit = try Self.fit(method, phantom.t1, of: phantom, clip: clip)
    let kept = try JSONDecoder().decode(IntensityFit.self, from: JSONEncoder().encode(fit))
    #expect(kept == fit)
    let (again, first) = (
      kept.apply(phantom.t2, mask: phantom.mask, loop: .serial),
      fit.apply(phantom.t2, mask: phantom.mask, loop: .serial)
    )
    #expect(again == first)
  }

  @Test(arguments: [
    #"{"method":"z-score","centre":1,"spread":0}"#,
    #"{"method":"atlas","centre":1,"spread":1}"#,
    #"{"method":"z-score","centre":1,"spread":1,"limits":[3,2]}"#,
    #"{"method":"none","centre":0,"spread":1,"landmarks":[0,1,2,3,4,5,6,7,8,9,10]}"#,
    #"{"method":"atlas","centre":0,"spread":1,"landmarks":[0,1,2],"scale":{"landmarks":[0,1,2,3,4,5,6,7,8,9,10]}}"#,
    #"{"method":"atlas","centre":0,"spread":1,"landmarks":[0,1,2,3,4,5,6,7,8,9,10],"scale":{"landmarks":[0,2,1,3,4,5,6,7,8,9,10]}}"#,
    #"{"method":"atlas","centre":0,"spread":1,"landmarks":[1,1,1,1,1,1,1,1,1,1,1],"scale":{"landmarks":[0,1,2,3,4,5,6,7,8,9,10]}}"#,
  ])
  func brokenFitsAreRefused(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(IntensityFit.self, from: Data(text.utf8))
    }
  }

  @Test(arguments: IntensityMethod.allCases)
  func threadsChangeNothing(method: IntensityMethod) throws {
    let phantom = TissuePhantom(voxels: 200_000, seed: 8)
    let results = try [1, 2, 5].map(ParallelLoop.init).map { loop in
      try Self.fit(method, phantom.t2, of: phantom, clip: 0.5...99.5, loop: loop)
        .apply(phantom.t2, mask: phantom.mask, loop: loop)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func badScansAreNamed() throws {
    let flat = [Float](repeating: 0.1, count: 50)
    let mask = [UInt8](repeating: 1, count: 50)
    let fit = { (method: IntensityMethod, scan: [Float], mask: [UInt8]) in
      try IntensityFit(method: method, clip: nil, voxels: scan, mask: mask, contrast: "t2", loop: .serial)
    }
    for method in IntensityMethod.allCases where method != .none {
      #expect(throws: HarmonizationError.flatContrast(contrast: "t2", voxels: 50)) {
        _ = try fit(method, flat, mask)
      }
    }
    #expect(try fit(.none, flat, mask).apply(flat, mask: mask, loop: .serial) == flat)
    // White matter's peak has one value, as in a scan with few grey levels.
    let steps = (0..<50).map { Float($0 < 40 ? 5 : $0) }
    #expect(throws: HarmonizationError.flatContrast(contrast: "t2", voxels: 50)) {
      _ = try fit(.whiteStripe, steps, mask)
    }
    #expect(throws: HarmonizationError.noBrain) { _ = try fit(.zScore, steps, mask.map { _ in 0 }) }
    #expect(throws: HarmonizationError.noScale(contrast: "t2")) { _ = try fit(.atlas, steps, mask) }
    #expect(throws: HarmonizationError.noTissueReference(contrast: "t2")) {
      _ = try fit(.fuzzyCMeans, steps, mask)
    }
    let negative = steps.map { -$0 }
    #expect(throws: HarmonizationError.darkWhiteMatter(contrast: "t2")) {
      _ = try IntensityFit(
        method: .fuzzyCMeans, clip: nil, voxels: negative, mask: mask, contrast: "t2",
        whiteMatter: [Float](repeating: 1, count: 50), loop: .serial)
    }
    #expect(throws: HarmonizationError.flatContrast(contrast: "t1", voxels: 50)) {
      _ = try FuzzyTissues(t1: flat, mask: mask, clip: nil, contrast: "t1", loop: .serial)
    }
  }
}

extension IntensityFit {
  /// The mapped voxels of a scan that stays as it is.
  fileprivate func apply(_ voxels: [Float], mask: [UInt8], loop: ParallelLoop) -> [Float] {
    var voxels = voxels
    apply(to: &voxels, mask: mask, loop: loop)
    return voxels
  }
}
