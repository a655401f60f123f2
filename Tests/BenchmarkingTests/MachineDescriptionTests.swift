import Benchmarking
import Foundations
import Testing

struct MachineDescriptionTests {
  @Test func theFirstCoreCounts() {
    let text = """
      processor\t: 0
      cpu family\t: 25
      model\t\t: 17
      model name\t: AMD EPYC 9R14: a name with a colon
      flags\t\t: fpu avx2 avx512f

      processor\t: 1
      model name\t: another
      """
    let machine = MachineDescription(cpuinfo: text, cores: 2, memoryBytes: 25_769_803_776)
    #expect(machine.cpu == "AMD EPYC 9R14: a name with a colon")
    #expect(machine.family == 25 && machine.model == 17 && machine.memoryGiB == 24)
    #expect(machine.flags == ["fpu", "avx2", "avx512f"])
    #expect(
      machine.summary == "AMD EPYC 9R14: a name with a colon (family 25, model 17), 2 cores, 24.0 GiB")
    let json = machine.json.renderedInOneLine()
    #expect(json.contains("\"avx2\": true, \"avx512\": true, \"amx\": false"))
  }

  @Test func anUnknownMachineIsStillDescribed() {
    let machine = MachineDescription(cpuinfo: "", cores: 4, memoryBytes: 1 << 30)
    #expect(machine.summary == "unknown, 4 cores, 1.0 GiB")
    #expect(machine.json.renderedInOneLine().contains("\"family\": null"))
  }

  /// OpenBLAS 0.3.21 computes with `Prescott` kernels on CPUs that are newer than it.
  @Test func oldKernelsOfOpenBLASAreTold() throws {
    func warning(_ kernels: String, _ core: String) -> String? {
      BenchmarkSettings.coreWarning(
        Numerics(mode: .native, kernels: kernels, openblasCore: core, openblasVersion: "0.3.21"))
    }
    #expect(try #require(warning("avx512", "Prescott")).contains("OPENBLAS_CORETYPE=SkylakeX"))
    #expect(try #require(warning("avx2", "Nehalem")).contains("OPENBLAS_CORETYPE=Haswell"))
    for core in ["SkylakeX", "Haswell", "Zen", "Cooperlake"] { #expect(warning("avx512", core) == nil) }
    #expect(warning("portable", "Nehalem") == nil)
  }
}
