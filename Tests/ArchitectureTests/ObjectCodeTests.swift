import Testing

#if arch(x86_64)
  /// Instructions of a CPU's level stay in the module that is compiled for it (design.md §5): the linker may
  /// keep any one of several functions of a name, and then runs it on every CPU.
  @Suite struct ObjectCodeTests {
    private static let variants = ["KernelsPortable", "KernelsAVX2", "KernelsAVX512"]
    /// Instructions on registers that need AVX; all their names begin with a v.
    private static let avx = "[[:space:]]v[a-z0-9]+ .*%[xyz]mm"
    /// Registers that only AVX-512 has.
    private static let avx512 = "%zmm|%k[0-7]|%[xy]mm(1[6-9]|2[0-9]|3[01])"

    /// A weak function has a name that another object may define too, as a specialisation of the standard
    /// library's code does: so the variants have none.
    @Test(arguments: variants) func noFunctionIsWeak(module: String) throws {
      let weak = try ObjectCode.functions(of: module).filter(\.isWeak)
      #expect(weak.isEmpty, "\(weak.map(\.name).sorted())")
      #expect(try ObjectCode.functions(of: module).count > 10)
      // Others have them: the look-up does see weak functions.
      #expect(try ObjectCode.functions(of: "Tensor").contains(where: \.isWeak))
    }

    @Test func onlyKernelsUseAVX() throws {
      let wide = ["KernelsAVX2", "KernelsAVX512"]
      for module in try PackageLayout.moduleFolders() where !wide.contains(module) {
        if try PackageLayout.swiftFiles(of: module).isEmpty || module == "KernelSources" { continue }
        let found = try ObjectCode.firstInstruction(of: module, matching: Self.avx + "|" + Self.avx512)
        #expect(found == nil, "\(module)")
      }
    }

    @Test func onlyItsModuleUsesAVX512() throws {
      #expect(try ObjectCode.firstInstruction(of: "KernelsAVX2", matching: Self.avx512) == nil)
      // The patterns do find what they look for.
      #expect(try ObjectCode.firstInstruction(of: "KernelsAVX2", matching: Self.avx) != nil)
      #expect(try ObjectCode.firstInstruction(of: "KernelsAVX512", matching: Self.avx512) != nil)
    }
  }
#endif
