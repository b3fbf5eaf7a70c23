"""The hosts that are known: facts as data, each with its source.

Those of claude-code, codex, gemini-cli and opencode were also held against the programs
themselves, which read what is written here: versions 2.1.197, 0.169.0, 0.61.0 and 1.18.33.
"""

from collections.abc import Mapping
from types import MappingProxyType

from grok_vision.cli.hosts import Host, Place
from grok_vision.cli.json_text import JSON

_STDIO: Mapping[str, JSON] = MappingProxyType({"type": "stdio"})

_ALL = (
    Host(
        name="claude-desktop",
        title="Claude Desktop",
        places=(
            # The package that its site offers sees its own %APPDATA%; the file that its button
            # opens is another, which it never reads (anthropics/claude-code#26073, 2026-02).
            Place(
                "local",
                "Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
                ("win32",),
                sign="Packages/Claude_pzs8sxrjxfjjc",
            ),
            Place("app", "Claude/claude_desktop_config.json"),
        ),
        then="Quit Claude Desktop and open it again.",
        source="anthropics/claude-code#26073, aniongithub/mind-map#55 (2026-06)",
        date="2026-11-21",
    ),
    Host(
        name="claude-code",
        title="Claude Code",
        places=(Place("home", ".claude.json", variable="CLAUDE_CONFIG_DIR"),),
        project=".mcp.json",
        fixed=_STDIO,
        reference="${{{}:-}}",
        then="Start Claude Code anew; `claude mcp list` shows whether it connects.",
        source="code.claude.com/docs/en/mcp",
        date="2026-11-21",
    ),
    Host(
        name="cursor",
        title="Cursor",
        places=(Place("home", ".cursor/mcp.json"),),
        project=".cursor/mcp.json",
        reference="${{env:{}}}",
        then="Cursor shows it under Settings, MCP.",
        source="cursor.com/docs/context/mcp; the paths from docs.rs/crate/intermcp, cursor_ide.md",
        date="2026-11-21",
    ),
    Host(
        name="vscode",
        title="VS Code",
        places=(Place("app", "Code/User/mcp.json"),),
        project=".vscode/mcp.json",
        section=("servers",),
        fixed=_STDIO,
        asks=True,
        then="In VS Code, run the command MCP: List Servers and start it.",
        source="code.visualstudio.com/docs/agents/reference/mcp-configuration; the path of the "
        "profile from NgoTaiCo/mcp-codebase-index, config/README.md",
        date="2026-11-21",
    ),
    Host(
        name="windsurf",
        title="Windsurf",
        places=(Place("home", ".codeium/windsurf/mcp_config.json"),),
        then="Refresh the list of MCP servers in Windsurf.",
        source="confluentinc/mcp-confluent, docs/configuring-windsurf.md, after docs.windsurf.com",
        date="2026-11-21",
    ),
    Host(
        name="devin",
        title="Devin",
        places=(
            Place("xdg", "devin/config.json", ("darwin", "linux")),
            Place("app", "devin/config.json", ("win32",)),
        ),
        project=".devin/config.json",
        then="Start Devin anew; `devin mcp list` shows it.",
        source="docs.devin.ai/cli/extensibility/mcp/configuration",
        date="2026-11-21",
    ),
    Host(
        name="gemini-cli",
        title="Gemini CLI",
        places=(Place("home", ".gemini/settings.json"),),
        project=".gemini/settings.json",
        reference="${{{}:-}}",
        then="Start Gemini CLI anew; `/mcp` shows whether it connects.",
        source="@google/gemini-cli 0.61.0, docs/tools/mcp-server.md",
        date="2026-11-21",
    ),
    Host(
        name="codex",
        title="Codex",
        places=(Place("home", ".codex/config.toml", variable="CODEX_HOME"),),
        project=".codex/config.toml",
        section=("mcp_servers",),
        syntax="toml",
        then="Start Codex anew; `codex mcp list` shows it. A project's file counts once the "
        "project is trusted.",
        source="codex-cli 0.169.0 itself: codex mcp add, codex mcp list",
        date="2026-11-21",
    ),
    Host(
        name="copilot-cli",
        title="GitHub Copilot CLI",
        places=(Place("home", ".copilot/mcp-config.json"),),
        fixed=MappingProxyType({"type": "stdio", "tools": ["*"]}),
        then="Start Copilot CLI anew; `/mcp show` lists it.",
        source="docs.github.com, Adding MCP servers for GitHub Copilot CLI; github/docs#41226",
        date="2026-11-21",
    ),
    Host(
        name="kiro",
        title="Kiro",
        places=(Place("home", ".kiro/settings/mcp.json"),),
        project=".kiro/settings/mcp.json",
        reference="${{{}}}",
        then="Kiro connects when the file is saved.",
        source="kiro.dev/docs/mcp/configuration",
        date="2026-11-21",
    ),
    Host(
        name="lm-studio",
        title="LM Studio",
        places=(
            Place("home", ".lmstudio/mcp.json"),
            # Where it was before, and stays: lmstudio-ai/lmstudio-bug-tracker#1371.
            Place("home", ".cache/lm-studio/mcp.json"),
        ),
        then="LM Studio shows it under Program, Install.",
        source="lmstudio.ai/docs/app/mcp, quoted in lmstudio-ai/lmstudio-bug-tracker#1371",
        date="2026-11-21",
    ),
    Host(
        name="opencode",
        title="opencode",
        # Version 2 takes this form as well (opencode.ai/docs/migrate-v1).
        places=(Place("xdg", "opencode/opencode.json"),),
        project="opencode.json",
        section=("mcp",),
        fixed=MappingProxyType({"type": "local", "enabled": True}),
        joined=True,
        variables="environment",
        reference="{{env:{}}}",
        then="Start opencode anew; `opencode mcp list` shows whether it connects.",
        source="opencode.ai/docs/mcp-servers, opencode.ai/docs/migrate-v1",
        date="2026-11-21",
    ),
    Host(
        name="zed",
        title="Zed",
        places=(
            Place("xdg", "zed/settings.json", ("darwin", "linux")),
            Place("app", "Zed/settings.json", ("win32",)),
        ),
        section=("context_servers",),
        then="Zed shows it in the settings of its agent panel.",
        source="zed.dev/docs/ai/mcp",
        date="2026-11-21",
    ),
)
HOSTS: Mapping[str, Host] = MappingProxyType({host.name: host for host in _ALL})
