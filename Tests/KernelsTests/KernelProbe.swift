import Foundations
import Kernels
import TestSupport

/// One kernel, called on odd shapes in memory whose edges are watched.
struct KernelProbe: Sendable, CustomStringConvertible {
  /// The kernel's name in `KernelSet` or `AugmentationKernels`.
  let kernel: String
  /// Calls the kernel and returns everything that it wrote, in a fixed order.
  let run: @Sendable (any KernelSet.Type, ProbeMemory) -> Void

  var description: String { kernel }

  /// What the kernel writes, bit for bit.
  func results(_ kernels: any KernelSet.Type, _ placement: EdgeMemory.Placement) -> [Double] {
    EdgeMemory.with(placement) { edges in
      let memory = ProbeMemory(edges)
      run(kernels, memory)
      return memory.results
    }
  }

  static let all: [KernelProbe] =
    productProbes + winogradProbes + gatherProbes + normalizationProbes + poolProbes + lossProbes
    + optimizerProbes + samplingProbes + intensityProbes

  /// Fewer than a register of channels, whole registers, and both.
  static let channels = [1, 3, 16, 19, 40]
}

/// The tensors of a probe: exactly as long as the kernel's contract says.
final class ProbeMemory {
  private let memory: EdgeMemory
  private var seed: UInt64 = 0
  private var written: [() -> [Double]] = []

  init(_ memory: EdgeMemory) { self.memory = memory }

  /// What lies in all targets.
  var results: [Double] { written.flatMap { $0() } }

  /// Normal numbers, others for each call.
  func normal(_ count: Int, mean: Double = 0.25) -> UnsafeMutablePointer<Float> {
    memory.place(values(count) { $0.normal() + mean })
  }

  /// Positive numbers below 1.
  func positive(_ count: Int) -> UnsafeMutablePointer<Float> {
    memory.place(values(count) { $0.uniform() })
  }

  func classes(_ count: Int, below limit: Int) -> UnsafeMutablePointer<UInt8> {
    memory.place(values(count) { Double($0.integer(below: limit)) }.map { UInt8($0) })
  }

  func place<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
    memory.place(values)
  }

  /// Memory to be written; what is left as it was shows as NaN, in all variants alike.
  func target(_ count: Int, isAdding: Bool = false) -> UnsafeMutablePointer<Float> {
    let start = isAdding ? normal(count) : memory.unset(count)
    return observed(start, count)
  }

  /// A tensor that the kernel changes in place.
  func observed(_ start: UnsafeMutablePointer<Float>, _ count: Int) -> UnsafeMutablePointer<Float> {
    written.append { (0..<count).map { Double(start[$0]) } }
    return start
  }

  func sums(_ count: Int) -> UnsafeMutablePointer<Double> {
    let start = memory.sums(count)
    written.append { (0..<count).map { start[$0] } }
    return start
  }

  func observe(_ value: Double) { written.append { [value] } }

  /// Scratch, whose content does not count.
  func scratch(_ count: Int) -> UnsafeMutablePointer<Float> { memory.unset(count) }

  /// A normalisation's terms for `samples` samples, `step` values apart.
  func norm(_ channels: Int, samples: Int = 1) -> (terms: NormTerms, step: Int) {
    func row() -> UnsafePointer<Float> { UnsafePointer(normal(channels * samples)) }
    let slope = place([Float](repeating: 0.01, count: channels * samples))
    return (
      NormTerms(scale: row(), shift: row(), slope: UnsafePointer(slope), mean: row(), a: row(), b: row()),
      channels
    )
  }

  /// A tensor of `voxels` voxels, `stride` values apart, with its normalisation where one is wanted.
  func read(
    voxels: Int, channels: Int, stride: Int, isNormalized: Bool, samples: Int = 1
  ) -> TensorRead {
    let base = UnsafePointer(normal(strided(voxels, channels, stride)))
    guard isNormalized else { return TensorRead(base: base, stride: stride) }
    let (terms, step) = norm(channels, samples: samples)
    return TensorRead(base: base, stride: stride, norm: terms, normStep: step)
  }

  private func values(_ count: Int, _ next: (inout RandomStream) -> Double) -> [Float] {
    seed += 1
    var stream = RandomStream(seed: seed, purpose: .test)
    return (0..<count).map { _ in Float(next(&stream)) }
  }
}

/// Values from the first to the last of `rows` rows, `stride` apart.
func strided(_ rows: Int, _ columns: Int, _ stride: Int) -> Int { (rows - 1) * stride + columns }

/// Rounded up to whole registers.
func registers(_ count: Int) -> Int { (count + 15) / 16 * 16 }
