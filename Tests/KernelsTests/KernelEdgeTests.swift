import Foundation
import Kernels
import Tensor
import TestSupport
import Testing

/// No kernel reads or writes past an edge of a tensor. Each test is a process of its own, which a stray
/// access ends.
@Suite(.disabled(if: Emulation.cpu != nil, "a new process would not be emulated"))
struct KernelEdgeTests {
  @Test func aReadPastTheEndIsFound() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      EdgeMemory.with(.endsAtGuard) { memory in
        let seven = memory.place([Float](repeating: 1, count: 7))
        // What lies in the tensor can be read.
        guard KernelChoice.available[0].sumOfSquares(seven, count: 7) == 7 else { return }
        _ = KernelChoice.available[0].sumOfSquares(seven, count: 8)
      }
    }
  }

  @Test func aWriteBeforeTheBeginningIsFound() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      EdgeMemory.with(.beginsAtGuard) { memory in
        let line = memory.unset(7)
        KernelChoice.available[0].padLine(
          nil, stride: 1, width: 7, channels: 1, norm: nil, before: 0, after: 0, into: line)
        guard line[0] == 0 && line[6] == 0 else { return }
        KernelChoice.available[0].padLine(
          nil, stride: 1, width: 7, channels: 1, norm: nil, before: 0, after: 0, into: line - 1)
      }
    }
  }

  @Test(arguments: KernelProbe.all.indices) func kernelsStayInside(_ index: Int) async {
    await #expect(processExitsWith: .success) { [index = index as Int] in
      let probe = KernelProbe.all[index]
      for kernels in KernelChoice.available {
        let expected = probe.results(kernels, .heap).map(\.bitPattern)
        for placement in [EdgeMemory.Placement.endsAtGuard, .beginsAtGuard] {
          // Where memory lies, and so how it is aligned, does not change the bits.
          let found = probe.results(kernels, placement).map(\.bitPattern)
          #expect(found == expected, "\(probe), \(kernels.name), \(placement)")
        }
      }
    }
  }
}
