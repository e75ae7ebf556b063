using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Providers;

namespace RemixProxy.Tests.Sandbox;

/// <summary>What each model of each vendor takes: requests as the vendor's pages have them, and every field of them changed in turn.</summary>
public class ClosedListTests() : SandboxTestBase("")
{
    private static readonly (string Type, string Path, FieldRule Rule)[] Endpoints =
    [
        ("openai", "/v1/videos", OpenAiSimulator.Create),
        ("openai", "/v1/videos/edits", OpenAiSimulator.Edit),
        ("openai", "/v1/videos/extensions", OpenAiSimulator.Extend),
        ("gemini", "/v1beta/interactions", GeminiFields.Interactions),
        ("luma", "/v1/generations", LumaSimulator.Generations),
        ("runway", "/v1/text_to_video", RunwayFields.TextToVideo),
        ("runway", "/v1/image_to_video", RunwayFields.ImageToVideo),
        ("runway", "/v1/video_to_video", RunwayFields.VideoToVideo),
        ("kling", "/text-to-video/kling-3.0", KlingFields.TextToVideo["kling-3.0"]),
        ("kling", "/text-to-video/kling-3.0-turbo", KlingFields.TextToVideo["kling-3.0-turbo"]),
        ("kling", "/image-to-video/kling-3.0", KlingFields.ImageToVideo["kling-3.0"]),
        ("kling", "/omni-video/kling-3.0-omni", KlingFields.OmniVideo["kling-3.0-omni"]),
        ("ark", "/api/v3/contents/generations/tasks", ArkFields.Tasks),
        .. FalFields.Models.Select(m => ("fal", "/" + m.Key, m.Value)),
        .. ReplicateSimulator.Models.Select(m => ("replicate", $"/v1/models/{m.Key}/predictions", m.Value)),
        ("xai", "/v1/videos/generations", XaiSimulator.Generations),
        ("xai", "/v1/videos/edits", XaiSimulator.Edits),
        ("xai", "/v1/videos/extensions", XaiSimulator.Extensions),
    ];

    /// <summary>Good requests, each as full as its model's list without what excludes each other. JOB is a finished job of the account.</summary>
    public static TheoryData<string, string, string> Requests => new()
    {
        { "openai", "/v1/videos", """
            {"model":"sora-2","prompt":"x","seconds":"8","size":"1792x1024","input_reference":{"image_url":"https://e.com/a.png"}}
            """ },
        { "openai", "/v1/videos/edits", """{"prompt":"x","video":{"id":"JOB"}}""" },
        { "openai", "/v1/videos/extensions", """{"prompt":"x","video":{"id":"JOB"},"seconds":"20"}""" },
        { "gemini", "/v1beta/interactions", """
            {"model":"gemini-omni-1.1-flash","input":"x","background":true,"store":true,"generation_config":{"seed":7,"video_config":{"task":"text_to_video"}},
             "response_format":{"type":"video","delivery":"uri","aspect_ratio":"9:16","resolution":"4k","duration":"4.5s"},
             "webhook_config":{"uris":["https://e.com/h"],"user_metadata":{"a":1}}}
            """ },
        { "gemini", "/v1beta/interactions", """
            {"model":"gemini-omni-1.2-flash","background":true,"store":true,
             "input":[{"type":"text","text":"x"},{"type":"image","mime_type":"image/png","data":"AAAA"}],"response_format":{"type":"video"}}
            """ },
        { "gemini", "/v1beta/interactions", """
            {"model":"gemini-omni-1.2-flash","background":true,"store":true,"previous_interaction_id":"JOB","input":{"type":"text","text":"x"},
             "generation_config":{"video_config":{"task":"extend"}},"response_format":{"type":"video","duration":"3s"}}
            """ },
        { "luma", "/v1/generations", """
            {"model":"ray-3.2","type":"video","prompt":"x","aspect_ratio":"21:9","user_id":"u","video":{"resolution":"1080p","duration":"10s","hdr":true,
             "exr_export":true,"loop":false,"source_position":0,"start_frame":{"url":"https://e.com/a.png","media_type":"image/png"},
             "end_frame":{"generation_id":"JOB"}}}
            """ },
        { "luma", "/v1/generations", """
            {"model":"ray-3.2","type":"video_edit","prompt":"x","source":{"url":"https://e.com/a.mp4","media_type":"video/mp4"},"video":{"resolution":"540p",
             "edit":{"strength":"flex_1","auto_controls":false,"controls":{"depth":{},"pose":{}},"keyframes":[{}],"keyframe_indexes":[0]}}}
            """ },
        { "luma", "/v1/generations", """{"model":"ray-3.2","type":"video_reframe","prompt":"x","aspect_ratio":"1:1","source":{"generation_id":"JOB"}}""" },
        { "runway", "/v1/text_to_video", """
            {"model":"gen4.5","promptText":"x","ratio":"1280:720","duration":5,"seed":7,"outputFormat":"prores",
             "contentModeration":{"publicFigureThreshold":"low"}}
            """ },
        { "runway", "/v1/text_to_video", """
            {"model":"veo3.1","promptText":"x","ratio":"1080:1920","duration":8,"audio":true,"negativePrompt":"y","seed":1}
            """ },
        { "runway", "/v1/text_to_video", """{"model":"veo3.1_fast","promptText":"x","ratio":"1280:720"}""" },
        { "runway", "/v1/text_to_video", """
            {"model":"hailuo3","promptText":"x","ratio":"adaptive","resolution":"2k","duration":4,"references":[{"uri":"https://e.com/a"}],
             "referenceVideos":[{"type":"video","uri":"https://e.com/a"}],"referenceAudio":[{"type":"audio","uri":"https://e.com/a"}]}
            """ },
        { "runway", "/v1/text_to_video", """{"model":"happyhorse_1_0","promptText":"x","ratio":"1662:1248","duration":3}""" },
        { "runway", "/v1/text_to_video", """{"model":"seedance2","promptText":"x","ratio":"3840:1646","duration":"auto","audio":false}""" },
        { "runway", "/v1/text_to_video", """{"model":"seedance2_fast","promptText":"x","ratio":"864:496"}""" },
        { "runway", "/v1/text_to_video", """{"model":"seedance2_mini","promptText":"x","references":[{"uri":"data:image/png;base64,AAAA"}]}""" },
        { "runway", "/v1/text_to_video", """{"model":"seedance2_5","ratio":"854:480","duration":30}""" },
        { "runway", "/v1/text_to_video", """{"model":"gemini_omni_flash","promptText":"x","duration":3,"ratio":"720:1280"}""" },
        { "runway", "/v1/text_to_video", """
            {"model":"gemini_omni_flash_1.1","promptText":"x","ratio":"2160:3840","referenceVideos":[{"uri":"https://e.com/a"}]}
            """ },
        { "runway", "/v1/text_to_video", """
            {"model":"grok_imagine_1_5","promptText":"x","ratio":"3:2","resolution":"1080p"}
            """ },
        { "runway", "/v1/text_to_video", """{"model":"wan3","promptText":"x","ratio":"auto_720p","audio":true,"references":[{"uri":"https://e.com/a"}]}""" },
        { "runway", "/v1/text_to_video", """{"model":"wan3_prime","promptText":"x","duration":15}""" },
        { "runway", "/v1/text_to_video", """{"model":"h3_max","promptText":"x","resolution":"480p","promptExpansionMode":"quality","seed":7}""" },
        { "runway", "/v1/image_to_video", """
            {"model":"gen4.5","promptText":"x","ratio":"960:960","duration":2,"outputFormat":"hdr_prores",
             "promptImage":[{"uri":"https://e.com/a","position":"first"}]}
            """ },
        { "runway", "/v1/image_to_video", """{"model":"gen4_turbo","ratio":"1584:672","promptImage":"https://e.com/a"}""" },
        { "runway", "/v1/image_to_video", """
            {"model":"veo3.1","ratio":"1280:720","promptImage":[{"uri":"https://e.com/a","position":"first"},{"uri":"https://e.com/a","position":"last"}]}
            """ },
        { "runway", "/v1/image_to_video", """{"model":"veo3.1_fast","ratio":"1280:720","promptImage":"data:image/png;base64,AAAA"}""" },
        { "runway", "/v1/image_to_video", """{"model":"hailuo3","promptText":"x","promptImage":[{"uri":"https://e.com/a"}]}""" },
        { "runway", "/v1/image_to_video", """{"model":"happyhorse_1_0","promptImage":"https://e.com/a","resolution":"720p"}""" },
        { "runway", "/v1/image_to_video", """{"model":"seedance2_5","promptImage":[{"uri":"https://e.com/a"}],"ratio":"1280:720"}""" },
        { "runway", "/v1/image_to_video", """{"model":"seedance2_mini","promptImage":"https://e.com/a"}""" },
        { "runway", "/v1/image_to_video", """{"model":"gemini_omni_flash","promptImage":"https://e.com/a"}""" },
        { "runway", "/v1/image_to_video", """{"model":"gemini_omni_flash_1.1","promptText":"x","promptImage":"https://e.com/a","duration":"auto"}""" },
        { "runway", "/v1/image_to_video", """{"model":"grok_imagine_1_5","promptImage":"https://e.com/a","resolution":"480p"}""" },
        { "runway", "/v1/image_to_video", """{"model":"wan3","promptText":"x","promptImage":"https://e.com/a","ratio":"1280:720"}""" },
        { "runway", "/v1/image_to_video", """{"model":"h3_max","promptText":"x","promptImage":"https://e.com/a","resolution":"768p"}""" },
        { "runway", "/v1/video_to_video", """
            {"model":"aleph2","videoUri":"https://e.com/a","promptText":"x","seed":1,"targetAspectRatio":"21:9","outputFormat":"prores","ratio":"1280:720",
             "contentModeration":{"publicFigureThreshold":"auto"},"keyframes":[{"at":0.5,"uri":"https://e.com/i","range":{"start_seconds":0,"end_seconds":2}}]}
            """ },
        { "runway", "/v1/video_to_video", """
            {"model":"gemini_omni_flash","videoUri":"https://e.com/a","promptText":"x","references":[{"uri":"https://e.com/a"}]}
            """ },
        { "runway", "/v1/video_to_video", """{"model":"gemini_omni_flash_1.1","videoUri":"https://e.com/a","promptText":"x","mode":"edit","duration":5}""" },
        { "runway", "/v1/video_to_video", """{"model":"seedance2","promptVideo":"https://e.com/a","ratio":"1280:720"}""" },
        { "runway", "/v1/video_to_video", """{"model":"seedance2_5","promptVideo":"https://e.com/a","promptText":"x","ratio":"1280:720"}""" },
        { "runway", "/v1/video_to_video", """{"model":"hailuo3","promptText":"x","promptVideo":"https://e.com/a","ratio":"adaptive","resolution":"768p"}""" },
        { "xai", "/v1/videos/generations", """
            {"model":"grok-imagine-video","prompt":"x","duration":8,"aspect_ratio":"5:2","resolution":"720p","generate_audio":true,"user":"u",
             "reference_images":[{"url":"https://e.com/a"}],"reference_audios":[{"url":"https://e.com/a"},{"voice_id":"eve"}]}
            """ },
        { "xai", "/v1/videos/generations", """
            {"model":"grok-imagine-video-1.5","prompt":"x","resolution":"1080p","image":{"url":"data:image/png;base64,AAAA"},
             "last_frame":{"url":"https://e.com/a"},"keyframes":[{"image":{"url":"https://e.com/a"},"timestamp_s":2}],
             "storage_options":{"filename":"a.mp4","expires_after":86400,"public_url":{"expires_after":3600}}}
            """ },
        { "xai", "/v1/videos/generations", """
            {"model":"grok-imagine-video-1.5-lite","prompt":"x","image":{"file_id":"file_1"},"storage_options":{"filename":"a.mp4","public_url":true}}
            """ },
        { "ark", "/api/v3/contents/generations/tasks", """
            {"model":"dreamina-seedance-2-0-260128","content":[{"type":"text","text":"x"},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"},"role":"first_frame"},
             {"type":"image_url","image_url":{"url":"https://e.com/a"},"role":"last_frame"}],
             "ratio":"16:9","resolution":"1080p","duration":15,"generate_audio":false,"seed":7,"service_tier":"default"}
            """ },
        { "ark", "/api/v3/contents/generations/tasks", """
            {"model":"dreamina-seedance-2-0-fast-260128","content":[{"type":"text","text":"x"},
             {"type":"video_url","video_url":{"url":"https://e.com/a"},"role":"reference_video"},
             {"type":"audio_url","audio_url":{"url":"https://e.com/a"},"role":"reference_audio"}],"ratio":"adaptive","resolution":"480p","duration":-1}
            """ },
        { "ark", "/api/v3/contents/generations/tasks", """
            {"model":"dreamina-seedance-2-0-mini-260615","content":[{"type":"text","text":"x"}],"draft":false,"return_last_frame":true}
            """ },
        { "ark", "/api/v3/contents/generations/tasks", """
            {"model":"dreamina-seedance-2-5-260628","content":[{"type":"text","text":"x"},
             {"type":"audio_url","audio_url":{"url":"data:audio/wav;base64,AAAA"},"role":"reference_audio"},
             {"type":"video_url","video_url":{"url":"https://e.com/a"},"role":"reference_video"}],
             "omni_reference_task_type":"reference","ratio":"21:9","resolution":"1080p","duration":30,"watermark":false,"output_format":"mov",
             "execution_expires_after":3600,"priority":9,"safety_identifier":"u","callback_url":"https://e.com/h","camera_fixed":true}
            """ },
        { "kling", "/text-to-video/kling-3.0", """
            {"prompt":"x","settings":{"resolution":"4k","aspect_ratio":"16:9","duration":15,"audio":"native","multi_shot":true},
             "options":{"callback_url":"https://e.com/a","watermark_info":{"enabled":false}}}
            """ },
        { "kling", "/text-to-video/kling-3.0-turbo", """{"prompt":"x","settings":{"resolution":"1080p","aspect_ratio":"1:1"}}""" },
        { "kling", "/image-to-video/kling-3.0", """
            {"contents":[{"type":"first_frame","url":"https://e.com/a"},{"type":"prompt","text":"x"},{"type":"last_frame","url":"https://e.com/a"}],
             "settings":{"resolution":"720p","duration":5,"audio":"off"},"options":{}}
            """ },
        { "kling", "/omni-video/kling-3.0-omni", """
            {"contents":[{"type":"prompt","text":"x"},{"type":"base_video","url":"https://e.com/a","id":"video_1"},{"type":"refer_image","url":"AAAA"}],
             "settings":{"resolution":"720p","audio":"original","multi_shot":false},"options":{"watermark_info":{"enabled":true}}}
            """ },
        { "fal", "/fal-ai/kling-video/v3/standard/text-to-video", """
            {"prompt":"x","duration":"5","aspect_ratio":"16:9","generate_audio":true,"negative_prompt":"y","cfg_scale":0.5,"shot_type":"customize"}
            """ },
        { "fal", "/fal-ai/kling-video/v3/standard/image-to-video", """
            {"multi_prompt":[{"prompt":"x","duration":"3"}],"start_image_url":"https://e.com/a","end_image_url":"data:image/png;base64,AAAA"}
            """ },
        { "fal", "/fal-ai/veo3.1", """{"prompt":"x","duration":"4s","resolution":"1080p","aspect_ratio":"9:16","seed":1,"safety_tolerance":"4"}""" },
        { "fal", "/fal-ai/veo3.1/image-to-video", """{"prompt":"x","aspect_ratio":"auto","image_url":"https://e.com/a","auto_fix":true}""" },
        { "fal", "/xai/grok-imagine-video/text-to-video", """{"prompt":"x","duration":15,"resolution":"480p","aspect_ratio":"3:2"}""" },
        { "fal", "/xai/grok-imagine-video/image-to-video", """{"prompt":"x","image_url":"https://e.com/a"}""" },
        { "fal", "/xai/grok-imagine-video/edit-video", """{"prompt":"x","video_url":"https://e.com/a","resolution":"auto"}""" },
        { "fal", "/xai/grok-imagine-video/extend-video", """{"prompt":"x","video_url":"https://e.com/a","duration":10}""" },
        { "fal", "/google/gemini-omni-flash/v1.1/edit", """{"prompt":"x","video_url":"data:video/mp4;base64,AAAA"}""" },
        { "fal", "/fal-ai/kling-video/o1/video-to-video/edit", """
            {"prompt":"x","video_url":"https://e.com/a","keep_audio":true,"image_urls":["https://e.com/a"]}
            """ },
        { "fal", "/fal-ai/wan/v2.7/edit-video", """
            {"prompt":"x","video_url":"https://e.com/a","aspect_ratio":"4:3","audio_setting":"origin","duration":"0","enable_safety_checker":false,
             "reference_image_url":"https://e.com/a","resolution":"720p","seed":0}
            """ },
        { "fal", "/luma/agent/ray/v3.2/video-to-video", """{"prompt":"x","video_url":"https://e.com/a","duration":"10s","resolution":"540p"}""" },
        { "replicate", "/v1/models/google/veo-3.1/predictions", """
            {"input":{"prompt":"x","aspect_ratio":"16:9","duration":8,"image":"https://e.com/a","last_frame":"data:image/png;base64,AAAA",
             "reference_images":["https://e.com/a"],"negative_prompt":"y","resolution":"720p","generate_audio":true,"seed":1},
             "webhook":"https://e.com/a","webhook_events_filter":["completed"]}
            """ },
        { "replicate", "/v1/models/xai/grok-imagine-video/predictions", """
            {"input":{"prompt":"x","duration":15,"aspect_ratio":"3:2","resolution":"480p","image":"https://e.com/a"}}
            """ },
        { "replicate", "/v1/models/runwayml/aleph-2/predictions", """
            {"input":{"prompt":"x","video":"https://e.com/a","keyframe_images":["https://e.com/a"],"keyframe_positions":["first"],"seed":0}}
            """ },
        { "replicate", "/v1/models/kwaivgi/kling-v3-omni-video/predictions", """
            {"input":{"prompt":"x","reference_video":"https://e.com/a","video_reference_type":"base","keep_original_sound":true,"mode":"pro"}}
            """ },
        { "replicate", "/v1/models/luma/modify-video/predictions", """{"input":{"prompt":"x","video":"data:video/mp4;base64,AAAA"}}""" },
        { "replicate", "/v1/models/xai/grok-imagine-video-extension/predictions", """{"input":{"prompt":"x","video":"https://e.com/a","duration":2}}""" },
        { "xai", "/v1/videos/edits", """{"model":"grok-imagine-video","prompt":"x","video":{"url":"https://e.com/a"},"user":"u"}""" },
        { "xai", "/v1/videos/extensions", """{"model":"grok-imagine-video","prompt":"x","video":{"file_id":"file_1"},"duration":10}""" },
    };

    /// <summary>Fields that exclude or need another one here: what they may be stands in a request of its own or in a test by hand.</summary>
    private static readonly string[] Dependent =
    [
        "generation_config.video_config.task", "previous_interaction_id", "mode", "ratio=adaptive", "proresProfile", "loop", "media_type", "generation_id",
        "voice_id", "settings.aspect_ratio", "settings.duration", "settings.audio=native", "settings.audio=original",
        "settings.multi_shot=true", "omni_reference_task_type",
        "url", "data", "uri", "file_id", "at", "0.seconds", "store=false", "promptImage.0.position=last",
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Each_field_of_a_request_may_be_what_its_list_says_and_nothing_else(string type, string path, string request)
    {
        var rule = Endpoints.Single(e => (e.Type, e.Path) == (type, path)).Rule;
        var body = JsonNode.Parse(request.Replace("JOB", await FinishedJobAsync(type), StringComparison.Ordinal))!.AsObject();
        var made = Server.SubmitsOf(type);
        await AssertAsync(type, path, new("", null, true), body);
        foreach (var change in FieldChange.Of(rule, body).Where(c => !c.IsGood || !IsDependent(c))) await AssertAsync(type, path, change, change.In(body));
        Assert.InRange(Server.SubmitsOf(type) - made, 2, 200);
    }

    internal override void Authorize(HttpRequestMessage request)
    {
        base.Authorize(request);
        request.Headers.Add("x-goog-api-key", "any-key");
        request.Headers.Add("X-Runway-Version", "2024-11-06");
    }

    private async Task AssertAsync(string type, string path, FieldChange change, JsonObject body)
    {
        var reply = await SendAsync("POST", Server.BaseUrl(type, "main") + path, body.ToJsonString());
        // Kling ignores what is at no place of its own.
        if (change.IsGood || (type == "kling" && change.Path.EndsWith("unlisted", StringComparison.Ordinal)))
        {
            Assert.True(reply.Status is 200 or 201, $"{change} is refused: {reply.Text}");
            return;
        }

        Assert.True(reply.Status is 400 or 404 or 422, $"{change} is taken: {reply.Text}");
        // Of what a field points to gemini and openai say what is wrong, not where.
        if (reply.Status == 400 && change.Value?.ToString() is not FieldChange.BadAddress)
            Assert.Contains(change.Path.Split('.')[0], reply.Text, StringComparison.Ordinal);
    }

    private static bool IsDependent(FieldChange change) => Dependent.Any(name =>
        change.Path == name || change.Path.EndsWith("." + name, StringComparison.Ordinal) || $"{change.Path}={change.Value}" == name);

    private async Task<string> FinishedJobAsync(string type)
    {
        var (path, body) = type switch
        {
            "openai" => ("/v1/videos", """{"prompt":"x"}"""),
            "gemini" => ("/v1beta/interactions", """{"model":"gemini-omni-1.1-flash","input":"x","background":true,"store":true}"""),
            "kling" => ("/text-to-video/kling-3.0", """{"prompt":"x","settings":{"aspect_ratio":"1:1"}}"""),
            "ark" => ("/api/v3/contents/generations/tasks", """{"model":"dreamina-seedance-2-5-260628","content":[{"type":"text","text":"x"}]}"""),
            "replicate" => ("/v1/models/google/veo-3.1/predictions", """{"input":{"prompt":"x"}}"""),
            "fal" => ("/fal-ai/veo3.1", """{"prompt":"x"}"""),
            "xai" => ("/v1/videos/generations", """{"model":"grok-imagine-video","prompt":"x"}"""),
            "luma" => ("/v1/generations", """{"model":"ray-3.2","type":"video","prompt":"x"}"""),
            _ => ("/v1/text_to_video", """{"model":"gen4.5","promptText":"x","ratio":"1280:720","duration":5}"""),
        };
        var reply = await SendAsync("POST", Server.BaseUrl(type, "main") + path, body);
        LetJobsEnd();
        return (reply.Json["id"] ?? reply.Json["data"]?["id"] ?? reply.Json["request_id"])!.ToString();
    }
}
