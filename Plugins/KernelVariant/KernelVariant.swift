import Foundation
import PackagePlugin

/// Joins the kernels' sources into the one file that each variant is compiled from.
///
/// Where a module has several files, Swift leaves private functions, witnesses and specialisations as weak symbols
/// between their objects, and the linker may keep one weak function for everybody who has its name. In one file they
/// are the file's own.
@main struct KernelVariant: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Sources/KernelSources")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".swift")
    }
    let sources = names.sorted().map { folder.appending(path: $0) }
    let joined = context.pluginWorkDirectoryURL.appending(path: "CompiledKernels.swift")
    return [
      .buildCommand(
        displayName: "Joining the kernels for \(target.name)", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", "out=$1; shift; cat \"$@\" >\"$out\"", "sh", joined.path] + sources.map(\.path),
        inputFiles: sources, outputFiles: [joined])
    ]
  }
}
