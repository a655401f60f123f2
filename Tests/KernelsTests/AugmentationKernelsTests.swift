import Foundation
import Foundations
import Kernels
import Tensor
import Testing

/// Each test runs every kernel variant of this CPU; what a whole sample looks like is tested in Training.
struct AugmentationKernelsTests {
  private static func values(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var stream = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in Float(stream.normal()) }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 17], [1, 15, 16, 33, 70])
  func channelsAreSplitAndMerged(channels: Int, count: Int) {
    let line = Self.values(count * channels)
    let step = count + 3
    let tones = (0..<channels).map { Tone(scale: Float($0 + 1), shift: -1, low: -1.5, high: 2) }
    for kernels in KernelChoice.available {
      var planes = [Float](repeating: 7, count: step * channels)
      var merged = [Float](repeating: 7, count: count * channels + 1)
      planes.withUnsafeMutableBufferPointer { planes in
        kernels.splitChannels(
          line, count: count, channels: channels, into: planes.baseAddress!, planeStep: step)
        merged.withUnsafeMutableBufferPointer {
          kernels.mergeChannels(
            planes.baseAddress!, planeStep: step, count: count, channels: channels, tones: tones,
            into: $0.baseAddress!)
        }
      }
      for channel in 0..<channels {
        for i in 0..<step {
          // Nothing is written between the planes.
          #expect(planes[channel * step + i] == (i < count ? line[i * channels + channel] : 7))
        }
      }
      for (i, value) in line.enumerated() {
        let expected = min(max(Double(i % channels + 1) * Double(value) - 1, -1.5), 2)
        #expect(abs(Double(merged[i]) - expected) < 1e-5)
      }
      #expect(merged[count * channels] == 7)
    }
  }

  /// Box and Muller on the words of the scalar generator, in double precision with libm.
  private func normal(_ voxel: Int, channel: Int, key: SIMD2<UInt32>) -> Double {
    let words = Philox.block(
      counter: SIMD4(UInt32(16 * (voxel / 64) + voxel % 16), UInt32(channel), 0, 0), key: key)
    let pair = voxel % 64 / 32 * 2
    let u = 1 - Double(words[pair] >> 9) / 8_388_608
    let v = Double(words[pair + 1] >> 9) / 8_388_608
    let angle = 2 * Double.pi * v
    return (-2 * log(u)).squareRoot() * (voxel % 32 < 16 ? cos(angle) : sin(angle))
  }

  @Test(arguments: [1, 16, 63, 64, 1000])
  func noiseIsPhiloxThroughBoxMuller(count: Int) {
    let key = SIMD2<UInt32>(0x1234_5678, 0x9abc_def0)
    for kernels in KernelChoice.available {
      var planes = [Float](repeating: 3, count: 2 * (count + 5))
      planes.withUnsafeMutableBufferPointer {
        kernels.addNoise(
          $0.baseAddress!, planeStep: count + 5, channels: 2, count: count, deviation: 0.25, key: key)
      }
      for channel in 0..<2 {
        for voxel in 0..<count {
          let found = Double(planes[channel * (count + 5) + voxel])
          let expected = 3 + 0.25 * normal(voxel, channel: channel, key: key)
          #expect(abs(found - expected) < 1e-6, "\(voxel)")
        }
      }
      #expect(planes[count..<(count + 5)].allSatisfy { $0 == 3 })
    }
  }

  /// Moments, tails and neighbours of 2²⁰ values, each within five deviations of what normal numbers have.
  @Test func noiseIsNormal() {
    let count = 1 << 20
    var noise = [Float](repeating: 0, count: count)
    noise.withUnsafeMutableBufferPointer {
      KernelChoice.current.addNoise(
        $0.baseAddress!, planeStep: count, channels: 1, count: count, deviation: 1, key: SIMD2(5, 6))
    }
    let x = noise.map(Double.init)
    let n = Double(count)
    func mean(_ power: Int) -> Double {
      x.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } } / n
    }
    // Variances of the powers: E x²ᵏ − (E xᵏ)².
    #expect(abs(mean(1)) < 5 * (1 / n).squareRoot())
    #expect(abs(mean(2) - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(mean(3)) < 5 * (15 / n).squareRoot())
    #expect(abs(mean(4) - 3) < 5 * (96 / n).squareRoot())
    for (bound, share) in [(1.0, 0.317_310_5), (2, 0.045_500_3), (3, 0.002_699_8), (4, 6.334e-5)] {
      let found = Double(x.filter { abs($0) > bound }.count) / n
      #expect(abs(found - share) < 5 * (share / n).squareRoot(), "beyond \(bound): \(found)")
    }
    for lag in [1, 2, 15, 16, 17, 32, 48, 64] {
      let product = zip(x, x.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / (n - Double(lag))
      #expect(abs(product) < 5 * (1 / n).squareRoot(), "lag \(lag): \(product)")
    }
  }

  @Test(arguments: [1, 3, 4], [1, 8, 17, 64]) func fillsWhatHasTheLabel(channels: Int, count: Int) {
    var stream = RandomStream(seed: 4, purpose: .test)
    let image = Self.values(count * channels)
    let values = Self.values(channels, seed: 2)
    // Long stretches without the label, and 0 and 254, which share bits with it.
    let labels = (0..<count).map { _ in [0, 1, 254, 255, 255][stream.integer(below: 5)] as UInt8 }
    for kernels in KernelChoice.available {
      for labels in [labels, labels.map { $0 == 255 ? 127 : $0 }] {
        var found = image
        found.withUnsafeMutableBufferPointer {
          kernels.fill(
            $0.baseAddress!, where: labels, are: 255, count: count, channels: channels, values: values)
        }
        for i in found.indices {
          #expect(found[i] == (labels[i / channels] == 255 ? values[i % channels] : image[i]))
        }
      }
    }
  }

  /// e to the power of a cubic polynomial, in double precision with libm.
  @Test(arguments: [1, 16, 77]) func fieldsMultiplyWhatLiesAboveBlack(count: Int) {
    let line = Self.values(count)
    for kernels in KernelChoice.available {
      var found = line
      found.withUnsafeMutableBufferPointer {
        kernels.applyField(
          $0.baseAddress!, count: count, polynomial: SIMD4(0.1, -0.4, 0.5, 0.3), start: -1.1, step: 0.025,
          low: -1.5)
      }
      for i in 0..<count {
        let t = -1.1 + 0.025 * Double(i)
        let field = exp(0.1 - 0.4 * t + 0.5 * t * t + 0.3 * t * t * t)
        #expect(abs(Double(found[i]) - (-1.5 + (Double(line[i]) + 1.5) * field)) < 2e-5)
      }
    }
  }

  @Test(arguments: [1, 5, 16, 511, 512, 4099])
  func momentsEqualPlainSums(count: Int) {
    let plane = Self.values(count).map { $0 + 2 }
    let exact = plane.map(Double.init)
    for kernels in KernelChoice.available {
      let found = kernels.moments(plane, count: count)
      let sums = (exact.reduce(0, +), exact.reduce(0) { $0 + $1 * $1 })
      #expect(abs(found.sum - sums.0) < 1e-6 * sums.1 && abs(found.squares - sums.1) < 1e-6 * sums.1)
      #expect(found.low == plane.min() && found.high == plane.max())
    }
  }

  /// Powers from 0 to 1, with the exact ends.
  @Test(arguments: [Float(0.7), 1, 1.5]) func powersEqualLibm(exponent: Float) {
    let x = (0...1000).map { Float($0) / 1000 } + [1e-30, 1e-12]
    for kernels in KernelChoice.available {
      var y = x
      let moments = y.withUnsafeMutableBufferPointer {
        kernels.applyPower(
          $0.baseAddress!, count: x.count, tone: Tone(scale: 1, shift: 0, low: 0, high: 1),
          exponent: exponent)
      }
      for (base, found) in zip(x, y) {
        let expected = pow(Double(base), Double(exponent))
        #expect(abs(Double(found) - expected) <= 1e-6 * expected + 1e-12, "\(base)^\(exponent): \(found)")
      }
      #expect(y[0] == 0 && y[1000] == 1 && moments.low == 0 && moments.high == 1)
    }
  }
}
