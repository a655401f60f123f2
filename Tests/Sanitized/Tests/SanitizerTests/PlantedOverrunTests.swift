import Kernels
import Tensor
import TestSupport
import Testing

/// The sanitizer sees into the kernels of every variant: a planted overrun is found.
@Suite struct PlantedOverrunTests {
  @Test(arguments: KernelChoice.available.indices) func aReadPastTheEndIsFound(_ variant: Int) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [variant = variant as Int] in
      EdgeMemory.with(.heap) { memory in
        let fifteen = memory.place([Float](repeating: 1, count: 15))
        _ = KernelChoice.available[variant].sumOfSquares(fifteen, count: 16)
      }
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("AddressSanitizer: heap-buffer-overflow"))
  }

  @Test(arguments: KernelChoice.available.indices) func aWritePastTheEndIsFound(_ variant: Int) async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [variant = variant as Int] in
      EdgeMemory.with(.heap) { memory in
        let line = memory.place([Float](repeating: 1, count: 20))
        KernelChoice.available[variant].readRows(
          line, stride: 20, rows: 1, channels: 20, norm: nil, into: memory.unset(19), targetStride: 20)
      }
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("AddressSanitizer: heap-buffer-overflow"))
  }
}
