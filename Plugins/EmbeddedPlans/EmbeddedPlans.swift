import Foundation
import PackagePlugin

/// Puts the plans of `Models/` into the program, as text: a plan is written once, in the file that people read.
@main struct EmbeddedPlans: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Models")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".yaml")
    }
    let plans = names.sorted().map { folder.appending(path: $0) }
    let source = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPlans.swift")
    let script = """
      out=$1; shift
      {
        echo '/// The plans of Models/: name and text, by name.'
        echo 'enum EmbeddedPlans {'
        echo '  static let all: [(name: String, text: String)] = ['
        for plan; do
          name=${plan##*/}
          printf '    ("%s", #\"\"\"\\n' "${name%.yaml}"
          cat "$plan"
          printf '\\n\"\"\"#),\\n'
        done
        echo '  ]'
        echo '}'
      } >"$out"
      """
    return [
      .buildCommand(
        displayName: "Embedding the plans of Models", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", script, "sh", source.path] + plans.map(\.path), inputFiles: plans,
        outputFiles: [source])
    ]
  }
}
