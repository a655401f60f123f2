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

    /// Swift leaves witnesses and specialisations weak. That is safe as long as no one else can have the same
    /// name: it begins with the variant's own module, and no other object defines it. A specialisation of the
    /// standard library's code, the way in which AVX-512 leaks, has neither.
    @Test(arguments: variants) func weakFunctionsAreTheVariantsOwn(module: String) throws {
      let mine = try ObjectCode.functions(of: module)
      #expect(mine.count > 10)
      let prefix = "$s\(module.count)\(module)"
      let strangers = mine.filter { $0.isWeak && !$0.name.hasPrefix(prefix) }
      #expect(strangers.isEmpty, "\(strangers.map(\.name).sorted())")
      for other in try ObjectCode.modules() where other != module {
        guard let theirs = try? ObjectCode.functions(of: other) else { continue }
        let shared = Set(theirs.map(\.name)).intersection(mine.map(\.name))
        #expect(shared.isEmpty, "\(other) defines too: \(shared.sorted())")
      }
    }

    @Test func onlyKernelsUseAVX() throws {
      let wide = ["KernelsAVX2", "KernelsAVX512"]
      for module in try PackageLayout.moduleFolders() where !wide.contains(module) {
        if try PackageLayout.swiftFiles(of: module).isEmpty { continue }
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
