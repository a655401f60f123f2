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
      let seven = EdgeMemory(.endsAtGuard).place([Float](repeating: 1, count: 7))
      _ = KernelChoice.available[0].sumOfSquares(seven, count: 8)
    }
  }

  @Test func aWriteBeforeTheBeginningIsFound() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let memory = EdgeMemory(.beginsAtGuard)
      let line = memory.place([Float](repeating: 1, count: 7))
      KernelChoice.available[0].padLine(
        line, stride: 1, width: 1, channels: 1, norm: nil, before: 1, after: 0, into: line - 1)
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
