internal import Glibc
internal import Processes

/// What a task's process has found, and the most anonymous memory that it had, in bytes.
struct TaskResult: Sendable {
    var figures: [String: Double] = [:]
    var memory: UInt64 = 0

    /// A figure that the task reports. Throws ``Failure`` when it does not, which is an error of this program.
    func figure(_ name: String) throws(Failure) -> Double {
        guard let value = figures[name] else { throw Failure(.couldNotRun, "a task did not report its \(name)") }
        return value
    }
}

/// Runs tasks, each in a process of its own: this program again.
@MainActor enum TaskProcess {
    /// Starts the processes of `tasks` in this order, each when the one before is ready; has them begin together;
    /// returns what each found.
    static func run(_ tasks: [TaskWords]) throws -> [TaskResult] {
        // What rows before have written or removed must not be paid for by this one.
        sync()
        var children: [ChildProcess] = []
        for task in tasks {
            let words = [ThisProcess.program, Command.benchTask.name, "\(ThisProcess.id)"] + task.words
            let child = try ChildProcess(words)
            children.append(child)
            guard child.line({ look(children) }) == "ready" else { throw failure(child, task) }
        }
        for child in children { child.send("go") }
        var results: [TaskResult] = []
        for (child, task) in zip(children, tasks) {
            results.append(try result(of: child, task) { look(children) })
        }
        return results
    }

    static func run(_ task: TaskWords) throws -> TaskResult { try run([task])[0] }

    private static func look(_ children: [ChildProcess]) {
        for child in children { child.lookAtMemory(now: false) }
    }

    private static func result(of child: ChildProcess, _ task: TaskWords, _ look: () -> Void) throws -> TaskResult {
        var result = TaskResult()
        while let line = child.line(look), line != "end" {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let value = Double(parts[1]) else { throw failure(child, task) }
            result.figures[String(parts[0])] = value
        }
        child.lookAtMemory(now: true)
        child.closeInput()
        guard child.wait() == 0 else { throw failure(child, task) }
        result.memory = child.peakMemory
        return result
    }

    /// The child has said why on standard error.
    private static func failure(_ child: ChildProcess, _ task: TaskWords) -> Failure {
        child.closeInput()
        return Failure(.couldNotRun, "measuring \(task.words.joined(separator: " ")) failed (\(child.wait()))")
    }
}
