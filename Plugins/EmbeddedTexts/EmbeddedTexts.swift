import Foundation
import PackagePlugin

/// Puts text files into the program, each written once, where people read it: the plans of `Models/` into Training, a module's own
/// `Templates/` into any other.
@main struct EmbeddedTexts: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let isOfPlans = target.name == "Training"
    let folder =
      isOfPlans
      ? context.package.directoryURL.appending(path: "Models")
      : target.directoryURL.appending(path: "Templates")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      !isOfPlans || $0.hasSuffix(".yaml")
    }
    let files = names.sorted().map { folder.appending(path: $0) }
    let source = context.pluginWorkDirectoryURL.appending(path: "EmbeddedTexts.swift")
    let script = """
      out=$1; shift
      {
        echo '/// Text files, by name.'
        echo 'enum EmbeddedTexts {'
        echo '  static let all: [(name: String, text: String)] = ['
        for file; do
          printf '    ("%s", ###\"\"\"\\n' "${file##*/}"
          cat "$file"
          printf '\\n\"\"\"###),\\n'
        done
        echo '  ]'
        echo '}'
      } >"$out"
      """
    return [
      .buildCommand(
        displayName: "Embedding \(folder.lastPathComponent) into \(target.name)",
        executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", script, "sh", source.path] + files.map(\.path), inputFiles: files,
        outputFiles: [source])
    ]
  }
}
