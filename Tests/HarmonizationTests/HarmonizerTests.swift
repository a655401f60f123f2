import Foundation
import Foundations
import Harmonization
import Imaging
import TestSupport
import Testing

@Suite struct HarmonizerTests {
  /// A brain-like blob on zeros with two contrasts, and labels that are a smooth shape inside it.
  private static func sample(
    _ size: SIMD3<Int>, spacing: SIMD3<Double>, seed: Int = 0
  ) -> (images: [Volume], labels: LabelVolume) {
    let geometry = Geometry(
      size: size, affine: Imaging.AffineTransform(spacing: spacing, origin: SIMD3(-9, 3, 5)))
    var first: [Float] = []
    var second: [Float] = []
    var labels: [UInt16] = []
    let extent = SIMD3<Double>(size) * spacing
    for k in 0..<size.z {
      for j in 0..<size.y {
        for i in 0..<size.x {
          let p = (SIMD3(Double(i), Double(j), Double(k)) + 0.5) * spacing - extent / 2
          let r = ((p * p) / (extent * extent * 0.16)).sum()
          let inside = r < 1
          first.append(inside ? Float(100 + 20 * sin(p.x / 3) + p.y) : 0)
          second.append(inside ? Float(300 + 5 * p.z + Double((i * 31 + j * 17 + k * 7 + seed) % 11)) : 0)
          let q = p - SIMD3(2, -1, 1)
          let s = ((q * q) / (extent * extent * 0.05)).sum()
          labels.append(s < 0.4 ? 4 : s < 0.9 ? 2 : 0)
        }
      }
    }
    let images = [first, second].map { Volume(geometry: geometry, voxels: $0) }
    return (images, LabelVolume(geometry: geometry, labels: labels))
  }

  private static func harmonize(
    _ images: [Volume], _ labels: LabelVolume?, spacing: SIMD3<Double>?, reorient: Bool = true,
    settings: HarmonizationSettings = .standard, fits: [ScanFit]? = nil, loop: ParallelLoop = .serial
  ) throws -> HarmonizedCase {
    let input = HarmonizationInput(
      contrasts: images.indices.map { "contrast \($0)" }, images: images, labels: labels)
    return try Harmonizer.harmonize(
      input, to: TargetGrid(spacing: spacing, reorient: reorient), settings: settings, fits: fits, loop: loop)
  }

  /// Scores that are 1 for a voxel's label and 0 for the other classes, over the harmonised grid.
  private static func oneHot(_ labels: [UInt16], _ values: [UInt16]) -> [Float] {
    labels.flatMap { label in values.map { $0 == label ? Float(1) : 0 } }
  }

  private static func restore(_ harmonized: HarmonizedCase, threads: Int = 1) -> LabelVolume {
    let values: [UInt16] = [0, 2, 4]
    return restore(
      harmonized, scores: oneHot(harmonized.labelMap!.labels, values), values: values,
      loop: ParallelLoop(threads: threads))
  }

  /// Each voxel of the scan takes the class with the highest resampled score, as predictions do.
  private static func restore(
    _ harmonized: HarmonizedCase, scores: [Float], values: [UInt16], loop: ParallelLoop
  ) -> LabelVolume {
    let resampling = ScoreResampling(harmonized.restoration.change)
    let (size, classes) = (resampling.size, values.count)
    let sliceLength = resampling.from.x * resampling.from.y * classes
    var labels = [UInt16](repeating: 0, count: size.x * size.y * size.z)
    labels.withUnsafeMutableBufferPointer { labels in
      nonisolated(unsafe) let labels = labels
      scores.withUnsafeBufferPointer { scores in
        nonisolated(unsafe) let scores = scores.baseAddress!
        loop.forEach(size.z) { k, _ in
          let scratch = UnsafeMutablePointer<Float>.allocate(
            capacity: resampling.scratchCount(classes: classes))
          defer { scratch.deallocate() }
          let (lower, upper) = resampling.sources(ofSlice: k)
          for j in 0..<size.y {
            let row = resampling.row(
              j, ofSlice: k, classes: classes, lower: scores + lower * sliceLength,
              upper: scores + upper * sliceLength, scratch: scratch)
            for i in 0..<size.x {
              let best = (0..<classes).max { row[i * classes + $0] < row[i * classes + $1] }!
              // `max` takes the last of equals; the lowest class wins.
              let first = (0..<classes).first { row[i * classes + $0] == row[i * classes + best] }!
              labels[i + size.x * (j + size.y * k)] = values[first]
            }
          }
        }
      }
    }
    return harmonized.restoration.restored(labels, loop: loop)
  }

  @Test func brainVoxelsAreStandardised() throws {
    let (images, labels) = Self.sample(SIMD3(24, 20, 16), spacing: .one)
    let harmonized = try Self.harmonize(images, labels, spacing: .one)
    #expect(harmonized.channels == 2)
    #expect(harmonized.image.count == harmonized.size.x * harmonized.size.y * harmonized.size.z * 2)
    let brain = images[0].voxels.count { $0 != 0 }
    for channel in 0..<2 {
      let values = stride(from: channel, to: harmonized.image.count, by: 2).map {
        Double(harmonized.image[$0])
      }
      let inside = values.filter { $0 != 0 }
      // A voxel that equals the mean may be 0 exactly: none does here.
      #expect(inside.count == brain)
      let mean = inside.reduce(0, +) / Double(brain)
      let variance = inside.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(brain)
      #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-5)
    }
    // The layout: channel fastest, then x, y, z of the crop.
    let crop = harmonized.restoration.box.origin
    let size = harmonized.size
    let voxel = SIMD3(5, 7, 3)
    let source = images[1].geometry.offset(voxel.x + crop.x, voxel.y + crop.y, voxel.z + crop.z)
    let raw = images[1].voxels.filter { $0 != 0 }.map(Double.init)
    let mean = raw.reduce(0, +) / Double(raw.count)
    let deviation = (raw.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(raw.count)).squareRoot()
    let expected = (Double(images[1].voxels[source]) - mean) / deviation
    let index = ((voxel.z * size.y + voxel.y) * size.x + voxel.x) * 2 + 1
    #expect(abs(Double(harmonized.image[index]) - expected) < 1e-5)
  }

  @Test func cropIsTheBrain() throws {
    let geometry = Geometry(size: SIMD3(10, 9, 8), affine: Imaging.AffineTransform(spacing: .one))
    var voxels = [Float](repeating: 0, count: geometry.count)
    voxels[geometry.offset(3, 4, 5)] = 1
    voxels[geometry.offset(6, 4, 7)] = 2
    let harmonized = try Self.harmonize(
      [Volume(geometry: geometry, voxels: voxels)], nil, spacing: nil, reorient: false)
    #expect(harmonized.restoration.box == GridBox(origin: SIMD3(3, 4, 5), size: SIMD3(4, 1, 3)))
    #expect(harmonized.size == SIMD3(4, 1, 3))
    #expect(harmonized.image.array.filter { $0 != 0 } == [-1, 1])
  }

  @Test func restoresEveryOrientationExactly() throws {
    let (images, labels) = Self.sample(SIMD3(17, 14, 12), spacing: SIMD3(1, 1.2, 2))
    let orders = [
      SIMD3(0, 1, 2), SIMD3(0, 2, 1), SIMD3(1, 0, 2), SIMD3(1, 2, 0), SIMD3(2, 0, 1), SIMD3(2, 1, 0),
    ]
    let spacing = SIMD3(1, 1.2, 2)
    let reference = try Self.harmonize(images, labels, spacing: spacing)
    for order in orders {
      for bits in 0..<8 {
        let permutation = AxisPermutation(
          sources: order, flips: [bits & 1 == 1, bits & 2 == 2, bits & 4 == 4])
        let turned = images.map { $0.permuted(permutation) }
        let turnedLabels = labels.permuted(permutation)
        let harmonized = try Self.harmonize(turned, turnedLabels, spacing: spacing)
        #expect(harmonized.image == reference.image && harmonized.labels == reference.labels)
        let restored = Self.restore(harmonized)
        #expect(restored == turnedLabels)
      }
    }
  }

  @Test func restoresThroughAnotherSpacing() throws {
    let (images, labels) = Self.sample(SIMD3(60, 52, 48), spacing: .one)
    for spacing in [SIMD3(1.5, 1.5, 1.5), SIMD3(0.8, 1, 2)] {
      let harmonized = try Self.harmonize(images, labels, spacing: spacing, loop: ParallelLoop(threads: 2))
      let restored = Self.restore(harmonized, threads: 3)
      #expect(restored.geometry == labels.geometry)
      #expect(restored == Self.restore(harmonized))
      // The smaller shape is 7 voxels in radius: the nearest label on the coarser grid costs it more.
      for (wanted, least) in [([UInt16(2), 4], 0.95), ([4], 0.93)] {
        let p = restored.labels.map(wanted.contains)
        let r = labels.labels.map(wanted.contains)
        let both = zip(p, r).count { $0 && $1 }
        let dice = 2 * Double(both) / Double(p.count { $0 } + r.count { $0 })
        #expect(dice > least, "\(spacing), labels \(wanted): \(dice)")
      }
    }
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func restorationAgreesWithSciPy() throws {
    let (images, labels) = Self.sample(SIMD3(60, 52, 48), spacing: .one)
    for spacing in [SIMD3(1.5, 1.5, 1.5), SIMD3(0.8, 1, 2)] {
      let harmonized = try Self.harmonize(images, labels, spacing: spacing)
      let (box, size) = (harmonized.restoration.box, harmonized.size)
      let arguments = [box.size.x, box.size.y, box.size.z, size.x, size.y, size.z, 0, 2, 4].map(String.init)
      let expected = RawArray.doubles(
        try PythonReference.run(
          script: "label_roundtrip_reference.py", arguments: arguments,
          input: RawArray.bytes(labels.cropped(to: box).labels.map(Double.init))))
      let restored = Self.restore(harmonized).cropped(to: box)
      let different = zip(restored.labels, expected).count { Double($0) != $1 }
      // Where two classes score the same to rounding, single and double precision may differ.
      #expect(Double(different) <= 2e-4 * Double(expected.count), "\(spacing): \(different) voxels")
    }
  }

  @Test func threadsDoNotMatter() throws {
    let (images, labels) = Self.sample(SIMD3(33, 29, 25), spacing: SIMD3(1, 1, 1.4))
    let spacing = SIMD3(1.3, 0.9, 1)
    for interpolation in HarmonizationSettings.Interpolation.allCases {
      let settings = HarmonizationSettings(interpolation: interpolation)
      let one = try Self.harmonize(images, labels, spacing: spacing, settings: settings)
      let four = try Self.harmonize(
        images, labels, spacing: spacing, settings: settings, loop: ParallelLoop(threads: 4))
      #expect(one == four)
    }
  }

  @Test func casesWithoutSignalAreRefused() throws {
    let geometry = Geometry(size: SIMD3(4, 4, 4), affine: Imaging.AffineTransform(spacing: .one))
    let zero = Volume(geometry: geometry, voxels: [Float](repeating: 0, count: 64))
    #expect(throws: HarmonizationError.noBrain) {
      try Self.harmonize([zero], nil, spacing: nil)
    }
    let ramp = Volume(geometry: geometry, voxels: (0..<64).map { Float($0) })
    let constant = Volume(geometry: geometry, voxels: [Float](repeating: 7, count: 64))
    #expect(throws: HarmonizationError.flatContrast(contrast: "contrast 1", voxels: 64)) {
      try Self.harmonize([ramp, constant], nil, spacing: nil)
    }
  }

  /// BraTS' size through 1.5 mm and back, four contrasts; the time is printed, and held only against a stall.
  @Test func aFullCaseIsFast() throws {
    let (images, labels) = Self.sample(SIMD3(240, 240, 155), spacing: .one)
    let four = [images[0], images[1], images[0], images[1]]
    let loop = ParallelLoop(threads: 2)
    let clock = ContinuousClock()
    var harmonized: HarmonizedCase?
    let there = try clock.measure {
      harmonized = try Self.harmonize(four, labels, spacing: SIMD3(repeating: 1.5), loop: loop)
    }
    let scores = Self.oneHot(harmonized!.labelMap!.labels, [0, 1, 2, 4])
    let back = clock.measure {
      _ = Self.restore(harmonized!, scores: scores, values: [0, 1, 2, 4], loop: loop)
    }
    print("4 × 240×240×155: harmonised in \(there), restored in \(back)")
    #expect(there < .seconds(30) && back < .seconds(30))
  }
}
